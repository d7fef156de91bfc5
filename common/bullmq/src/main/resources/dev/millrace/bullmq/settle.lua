-- What ends of attempts few jobs come to: families, deduplication, failures, retries.
--@include store
--@include parents
--@include dedup

local function settle(mode, i, id, key, attempts)
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
  if argv[i + 4] == '0' then
    deleteJobKeys(key)
    detach(queue, key, parentKey, parentJson)
  else
    keep(i, id, key, mode, attempts)
    if not completed then
      call('HDEL', key, 'defa')
    end
  end
  if completed then
    emit(queue, 'completed', 'jobId', id, 'returnvalue', value, 'prev', 'active')
  else
    emit(queue, 'failed', 'jobId', id, 'failedReason', value, 'prev', 'active')
    if attempts >= tonumber(argv[i + 7]) then
      emit(queue, 'retries-exhausted', 'jobId', id, 'attemptsMade', attempts)
    end
  end
end

local function putBack(mode, i, id, key, attempts)
  local priority = tonumber(call('HGET', key, 'priority') or 0) or 0
  if mode == 'wait' then
    if priority > 0 then
      call('ZADD', queue.base .. 'prioritized', priority * 4294967296, id)
    else
      addReady(queue, id, 0, true)
    end
    emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
    return
  end
  if argv[i + 10] ~= '1' then
    call('HSET', key, 'atm', attempts)
  end
  if mode == 'delay' then
    local delay = argv[i + 8]
    call('HSET', key, 'delay', delay)
    addDelayed(queue, id, now + tonumber(delay))
  else
    addReady(queue, id, priority, argv[i + 9] == '1')
    emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
  end
end

local function removeOld(policy, ids)
  if not policy.completed then
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

local function bound(policy)
  if policy.age then
    local oldest = now - policy.age * 1000
    local old = call('ZREVRANGEBYSCORE', policy.set, oldest, '-inf', 'LIMIT', 0, policy.limit)
    removeOld(policy, old)
    for from = 1, #old, 5000 do
      call('ZREM', policy.set, unpack(old, from, math.min(from + 4999, #old)))
    end
  end
  if policy.count and policy.count > 0 then
    local surplus = call('ZREVRANGE', policy.set, policy.count, -1)
    removeOld(policy, surplus)
    if #surplus > 0 then
      call('ZREMRANGEBYRANK', policy.set, 0, -(policy.count + 1))
    end
  end
end

return {settle = settle, putBack = putBack, bound = bound}
