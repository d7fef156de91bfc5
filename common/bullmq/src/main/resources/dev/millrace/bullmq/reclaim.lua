-- Puts back jobs that were handed out in a reply that never arrived. ARGV after core's: the tokens
-- of those calls. Returns the ids.
local queue = guard(queueAt(ARGV[1]))
local lost = {}
for i = NEXT_ARG, #ARGV do
  lost[ARGV[i]] = true
end
local returned = {}
local active = call('LRANGE', queue.base .. 'active', 0, -1)
-- From the newest: pushed back one by one, they come out in the order they were taken.
for _, id in ipairs(active) do
  local token = call('GET', queue.base .. id .. ':lock')
  if token and lost[token] then
    releaseLock(queue, id, token)
    call('LREM', queue.base .. 'active', 1, id)
    local priority = tonumber(call('HGET', queue.base .. id, 'priority') or 0) or 0
    if priority > 0 then
      call('ZADD', queue.base .. 'prioritized', priority * 4294967296, id)
      wake(queue)
    else
      addReady(queue, id, 0, true)
    end
    emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
    returned[#returned + 1] = id
  end
end
return returned
