-- Removes a job scheduler, and its next run if that is not ready yet. ARGV after core's: its id.
-- Returns {1}, {0} if there is none.
local queue = queueAt(ARGV[1])
local scheduler = ARGV[NEXT_ARG]
local time = tonumber(call('ZSCORE', queue.base .. 'repeat', scheduler) or nil)
if time then
  local id = runId(scheduler, time)
  if call('ZREM', queue.base .. 'delayed', id) == 1 then
    deleteJobKeys(queue.base .. id)
    emit(queue, 'removed', 'jobId', id, 'prev', 'delayed')
  end
end
call('DEL', queue.base .. 'repeat:' .. scheduler)
return {call('ZREM', queue.base .. 'repeat', scheduler)}
