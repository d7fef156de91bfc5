-- Changes when a job runs. ARGV after core's: id, and "promote"; or "delay" and ms; or "priority",
-- the number, and "1" to go in front of its equals. Returns {0}, {-1} if there is no such job, {-3}
-- if it is not delayed.
local queue = guard(queueAt(ARGV[1]))
local id, what, value = ARGV[NEXT_ARG], ARGV[NEXT_ARG + 1], ARGV[NEXT_ARG + 2]
local key = queue.base .. id

local function promote()
  if call('ZREM', queue.base .. 'delayed', id) == 0 then
    return -3
  end
  local name, priority = unpack(call('HMGET', key, 'name', 'priority'))
  if not name then
    -- An id whose job is gone: it must not come back as a job without a name.
    return -1
  end
  call('HSET', key, 'delay', '0')
  addReady(queue, id, tonumber(priority or 0) or 0, false)
  emit(queue, 'waiting', 'jobId', id, 'prev', 'delayed')
  return 0
end

local function changeDelay()
  if call('EXISTS', key) == 0 then
    return -1
  end
  if call('ZREM', queue.base .. 'delayed', id) == 0 then
    return -3
  end
  call('HSET', key, 'delay', value)
  addDelayed(queue, id, now + tonumber(value))
  return 0
end

local function changePriority()
  if call('EXISTS', key) == 0 then
    return -1
  end
  local priority, front = tonumber(value), ARGV[NEXT_ARG + 3] == '1'
  local found = call('ZREM', queue.base .. 'prioritized', id) > 0
    or call('LREM', queue.base .. 'wait', -1, id) > 0
    or call('LREM', queue.base .. 'paused', -1, id) > 0
  if found and priority > 0 and front then
    call('ZADD', queue.base .. 'prioritized', priority * 4294967296, id)
    wake(queue)
  elseif found then
    addReady(queue, id, priority, front)
  end
  call('HSET', key, 'priority', value)
  return 0
end

if what == 'promote' then
  return {promote()}
elseif what == 'delay' then
  return {changeDelay()}
end
return {changePriority()}
