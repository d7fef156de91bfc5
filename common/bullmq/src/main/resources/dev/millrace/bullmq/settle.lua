-- What ends of attempts few jobs come to: families, deduplication, failures, retries.
--@include store
--@include parents
--@include dedup


local function parse(settings)
  local values = {}
  for value in string.gmatch(settings .. ',', '([^,]*),') do
    values[#values + 1] = value
  end
  return {
    none = values[1] == '0', count = tonumber(values[1]), age = tonumber(values[2]),
    limit = tonumber(values[3]) or 1000, attempts = tonumber(values[4]), delay = values[5],
    front = values[6] == '1', keepAttempts = values[7] == '1', trace = values[8],
  }
end

-- A call whose reply was lost is sent again. What it left behind shows that it had got through.
local function missing(settings)
  return parse(settings).trace ~= '' and 0 or -1
end

local function refused(code, settings, mode, key, attempts)
  local trace = parse(settings).trace
  if trace == '' then
    return code
  end
  local through
  if mode == 'completed' or mode == 'failed' then
    local finishedOn = call('HGET', key, 'finishedOn')
    through = finishedOn and tonumber(finishedOn) >= tonumber(trace)
  else
    through = mode ~= 'wait' and (tonumber(attempts or 0) or 0) >= tonumber(trace)
  end
  return through and 0 or code
end

local function setFields(i, key)
  local count = tonumber(argv[i + 5])
  if count > 0 then
    call('HSET', key, unpack(argv, i + 6, i + 5 + 2 * count))
  end
end

-- Stores a finished job; its set is bounded at the end of this call.
local function keep(mode, i, id, key, attempts)
  call('HSET', key, 'atm', attempts, mode == 'completed' and 'returnvalue' or 'failedReason',
    argv[i + 3], 'finishedOn', nowText)
  call('ZADD', base .. mode, nowText, id)
  bounds = bounds or {}
  bounds[mode .. ',' .. argv[i + 4]] = true
end

local function settle(mode, i, id, key, attempts, settings)
  local value, completed = argv[i + 3], mode == 'completed'
  local parentKey, parentJson, dedupId = unpack(call('HMGET', key, 'parentKey', 'parent', 'deid'))
  if dedupId then
    releaseDeduplication(queue, id, dedupId)
  end
  if parentKey then
    if completed then
      childCompleted(key, parentKey, parentJson, value)
    else
      childFailed(key, parentKey, parentJson, value)
    end
  end
  if settings.none then
    deleteJobKeys(key)
    detach(queue, key, parentKey, parentJson)
  else
    keep(mode, i, id, key, attempts)
    if not completed then
      call('HDEL', key, 'defa')
    end
  end
  if completed then
    emit(queue, 'completed', 'jobId', id, 'returnvalue', value, 'prev', 'active')
  else
    emit(queue, 'failed', 'jobId', id, 'failedReason', value, 'prev', 'active')
    if attempts >= settings.attempts then
      emit(queue, 'retries-exhausted', 'jobId', id, 'attemptsMade', attempts)
    end
  end
end

local function putBack(mode, id, key, attempts, settings)
  local priority = tonumber(call('HGET', key, 'priority') or 0) or 0
  if mode == 'wait' then
    if priority > 0 then
      call('ZADD', base .. 'prioritized', priority * 4294967296, id)
    else
      addReady(queue, id, 0, true)
    end
    emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
    return
  end
  if not settings.keepAttempts then
    call('HSET', key, 'atm', attempts)
  end
  if mode == 'delay' then
    call('HSET', key, 'delay', settings.delay)
    addDelayed(queue, id, now + tonumber(settings.delay))
  else
    addReady(queue, id, priority, settings.front)
    emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
  end
end

-- A job leaves the active ones, as an end or to come back.
local function leave(mode, i, id, key, attemptsMade)
  local attempts, settings = (tonumber(attemptsMade or 0) or 0) + 1, parse(argv[i + 4])
  setFields(i, key)
  if mode == 'completed' or mode == 'failed' then
    settle(mode, i, id, key, attempts, settings)
  else
    putBack(mode, id, key, attempts, settings)
  end
end

local function removeOld(completed, ids)
  if not completed then
    for _, id in ipairs(ids) do
      removeFinished(queue, id)
    end
    return
  end
  -- Parents do not wait for completed jobs, so they need not be asked.
  for from = 1, #ids, 500 do
    local keys = {}
    for n = from, math.min(from + 499, #ids) do
      addJobKeys(keys, queue.base .. ids[n])
    end
    call('UNLINK', unpack(keys))
  end
end

-- Lets no more finished jobs stay than their policies allow.
local function bound()
  for policy in pairs(bounds) do
    local mode, settings = string.match(policy, '^(%a+),(.*)$')
    local set, limits, completed = base .. mode, parse(settings), mode == 'completed'
    if limits.age then
      local oldest = now - limits.age * 1000
      local old = call('ZREVRANGEBYSCORE', set, oldest, '-inf', 'LIMIT', 0, limits.limit)
      removeOld(completed, old)
      for from = 1, #old, 5000 do
        call('ZREM', set, unpack(old, from, math.min(from + 4999, #old)))
      end
    end
    if limits.count and limits.count > 0 then
      local surplus = call('ZREVRANGE', set, limits.count, -1)
      removeOld(completed, surplus)
      if #surplus > 0 then
        call('ZREMRANGEBYRANK', set, 0, -(limits.count + 1))
      end
    end
  end
end

return {
  missing = missing, refused = refused, setFields = setFields, leave = leave, bound = bound,
}
