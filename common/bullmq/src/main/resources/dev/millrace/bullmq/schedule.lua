-- Creates or changes a job scheduler and its next run.
--
-- ARGV after core's: runs' run, then name, data, template options ("" for none), interval, offset,
-- start, then names and values of the scheduler's further fields
-- Returns {id of the run, its delay}, {-10} or {-11} if jobs stand in the way.
local queue = queueAt(ARGV[1])
local run = runAt(NEXT_ARG)
local at = NEXT_ARG + RUN_ARGS
run.name, run.data = ARGV[at], ARGV[at + 1] ~= '' and ARGV[at + 1] or '{}'
local every, offset = tonumber(ARGV[at + 3]), tonumber(ARGV[at + 4])
local startDate = tonumber(ARGV[at + 5])
local MOST_SLOTS = 32

local key = queue.base .. 'repeat:' .. run.scheduler
local old = call('HMGET', key, 'every', 'offset', 'ic')
local prev = tonumber(call('ZSCORE', queue.base .. 'repeat', run.scheduler) or nil)

-- Takes away the run that waits for its time; one that is active stays.
local function removePending()
  local id = runId(run.scheduler, prev)
  -- In both lists: a queue may be paused by clients of either version.
  if call('ZREM', queue.base .. 'delayed', id) == 0
    and call('ZREM', queue.base .. 'prioritized', id) == 0
    and call('LREM', queue.base .. 'wait', 0, id) == 0
    and call('LREM', queue.base .. 'paused', 0, id) == 0 then
    return false
  end
  deleteJobKeys(queue.base .. id)
  return true
end

local removed = prev and removePending()
local phase = 0
if every then
  local unchanged = prev and tonumber(old[1] or nil) == every
  run.time, phase = nextEvery(unchanged and prev or nil, every, offset or 0, startDate)
  if removed and unchanged then
    run.time = prev
  end
end
if isStored(queue, run) then
  if not every then
    return {-10}
  end
  local slots = 0
  repeat
    run.time = run.time + every
    slots = slots + 1
  until slots > MOST_SLOTS or not isStored(queue, run)
  if slots > MOST_SLOTS then
    return {-11}
  end
end

-- A run that was taken away leaves its phase to the one that replaces it.
local kept = (removed and old[2]) or millis(phase)
call('DEL', key)
call('HSET', key, 'name', run.name, 'ic', old[3] or '1',
  'offset', offset and millis(offset) or kept)
if ARGV[at + 1] ~= '' then
  call('HSET', key, 'data', ARGV[at + 1])
end
if ARGV[at + 2] ~= '' then
  call('HSET', key, 'opts', ARGV[at + 2])
end
for i = at + 6, #ARGV, 2 do
  call('HSET', key, ARGV[i], ARGV[i + 1])
end
return {storeRun(queue, run)}
