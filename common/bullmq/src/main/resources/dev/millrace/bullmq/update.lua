-- Changes what a job tells about itself. ARGV after core's: id, and "data" or "progress" and JSON;
-- or "log", a row and how many rows to keep ("" or 0 keeps all). Returns {0 or the number of rows},
-- {-1} if there is no such job.
local queue = queueAt(ARGV[1])
local id, what, value = ARGV[NEXT_ARG], ARGV[NEXT_ARG + 1], ARGV[NEXT_ARG + 2]
local key = queue.base .. id
if call('EXISTS', key) == 0 then
  return {-1}
end
if what == 'data' then
  call('HSET', key, 'data', value)
  return {0}
end
if what == 'progress' then
  call('HSET', key, 'progress', value)
  emit(queue, 'progress', 'jobId', id, 'data', value)
  return {0}
end
local rows = call('RPUSH', key .. ':logs', value)
local kept = tonumber(ARGV[NEXT_ARG + 3])
if kept and kept > 0 then
  call('LTRIM', key .. ':logs', -kept, -1)
  rows = math.min(rows, kept)
end
return {rows}
