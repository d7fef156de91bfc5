-- Takes an active job from its worker before it is done. ARGV after core's: id, token, and "delay"
-- and ms; or "wait"; or "children" and the key of a child ("" for any).
-- Returns {0}, for "wait" {how long the rate limit lasts, in ms}, for "children" {1} if there is
-- nothing to wait for; or a negative code.
local queue = guard(queueAt(ARGV[1]))
local id, token, what, value = ARGV[NEXT_ARG], ARGV[NEXT_ARG + 1], ARGV[NEXT_ARG + 2],
  ARGV[NEXT_ARG + 3]
local key = queue.base .. id
if call('EXISTS', key) == 0 then
  return {-1}
end

if what == 'children' then
  if call('ZCARD', key .. ':unsuccessful') > 0 then
    return {-9}
  end
  local pending = key .. ':dependencies'
  if (value == '' and call('SCARD', pending) or call('SISMEMBER', pending, value)) == 0 then
    return {1}
  end
end

local code = releaseLock(queue, id, token)
if code < 0 then
  return {code}
end
if call('LREM', queue.base .. 'active', -1, id) == 0 then
  return {-3}
end
local reply = 0
if what == 'delay' then
  call('HSET', key, 'delay', value)
  addDelayed(queue, id, now + tonumber(value))
elseif what == 'children' then
  call('ZADD', queue.base .. 'waiting-children', nowText, id)
  emit(queue, 'waiting-children', 'jobId', id, 'prev', 'active')
else
  local priority = tonumber(call('HGET', key, 'priority') or 0) or 0
  if priority > 0 then
    call('ZADD', queue.base .. 'prioritized', priority * 4294967296, id)
  else
    addReady(queue, id, 0, true)
  end
  emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
  reply = math.max(call('PTTL', queue.base .. 'limiter'), 0)
end
if queue.concurrency
  and call('EXISTS', queue.base .. 'wait', queue.base .. 'prioritized') > 0 then
  -- The slot that became free may be any worker's.
  wake(queue)
end
return {reply}
