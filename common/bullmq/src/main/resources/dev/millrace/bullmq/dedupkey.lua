-- Frees the deduplication id that a job owns. ARGV: core's, then the job's id. Returns {1} if it
-- owned one, {0} if not, {-1} if there is no such job.
local base, id = ARGV[1], ARGV[5]
if redis.call('EXISTS', base .. id) == 0 then
  return {-1}
end
local dedupId = redis.call('HGET', base .. id, 'deid')
if not dedupId or redis.call('GET', base .. 'de:' .. dedupId) ~= id then
  return {0}
end
redis.call('DEL', base .. 'de:' .. dedupId)
return {1}
