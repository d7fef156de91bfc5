-- Frees the deduplication id that a job owns. ARGV: core's, then the job's id, and the deduplication
-- id if the caller knows it. Returns {1} if it owned one, {0} if not, {-1} if there is no such job to
-- tell the deduplication id.
local base, id, dedupId = ARGV[1], ARGV[5], ARGV[6]
if not dedupId then
  if redis.call('EXISTS', base .. id) == 0 then
    return {-1}
  end
  dedupId = redis.call('HGET', base .. id, 'deid')
end
if not dedupId or redis.call('GET', base .. 'de:' .. dedupId) ~= id then
  return {0}
end
redis.call('DEL', base .. 'de:' .. dedupId)
return {1}
