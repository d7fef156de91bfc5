-- Adds the run that follows one which a worker has just taken.
--
-- ARGV after core's: runs' run, then the id of the run that was taken, its name and data, interval,
-- offset and start as its options have them
-- Returns {id of the run}, {} if there is nothing to do: the scheduler is gone, or has another run.
local queue = queueAt(ARGV[1])
local run = runAt(NEXT_ARG)
local at = NEXT_ARG + RUN_ARGS
local key = queue.base .. 'repeat:' .. run.scheduler
local current = tonumber(call('ZSCORE', queue.base .. 'repeat', run.scheduler) or nil)
if not current or call('EXISTS', key) == 0 or ARGV[at] ~= runId(run.scheduler, current) then
  return {}
end
local hash = call('HMGET', key, 'name', 'data', 'every', 'offset', 'startDate', 'ic')
local isLegacy = not hash[6]
run.name = hash[1] or ARGV[at + 1]
-- Repeatable jobs of version 5 keep their data nowhere else than in their runs.
run.data = hash[2] or (isLegacy and ARGV[at + 2]) or '{}'
if not run.time then
  local every = tonumber(hash[3] or ARGV[at + 3])
  local offset = tonumber(hash[4] or nil) or tonumber(ARGV[at + 4]) or 0
  run.time = nextEvery(current, every, offset, tonumber(hash[5] or ARGV[at + 5]))
end
if isStored(queue, run) then
  emit(queue, 'duplicated', 'jobId', runId(run.scheduler, run.time))
  return {}
end
if not isLegacy then
  call('HINCRBY', key, 'ic', 1)
end
local id = storeRun(queue, run)
return {id}
