-- Makes many jobs ready, oldest first. ARGV after core's: "completed", "failed" or "delayed", the
-- highest score, how many. Returns {how many were looked at, how many became ready}.
local queue = guard(queueAt(ARGV[1]))
local state, highest, count = ARGV[NEXT_ARG], ARGV[NEXT_ARG + 1], ARGV[NEXT_ARG + 2]
local set = queue.base .. state
local ids = call('ZRANGEBYSCORE', set, '-inf', highest, 'LIMIT', 0, count)
local ready = 0
for _, id in ipairs(ids) do
  call('ZREM', set, id)
  local key = queue.base .. id
  -- An id whose job is gone must not come back as a job without a name.
  if call('EXISTS', key) == 1 then
    ready = ready + 1
    if state == 'delayed' then
      call('HSET', key, 'delay', '0')
      addReady(queue, id, tonumber(call('HGET', key, 'priority') or 0) or 0, false)
      emit(queue, 'waiting', 'jobId', id, 'prev', 'delayed')
    else
      revive(queue, id, state, false)
    end
  end
end
return {#ids, ready}
