-- What a job's end means for the job that waits for it.

-- Splits the key of a job into the base of its queue and its id; nil if it is none. Prefixes and ids
-- may hold colons: the queue is where there is a meta hash.
local function splitKey(key)
  local colon = string.find(key, ':', 1, true)
  colon = colon and string.find(key, ':', colon + 1, true)
  local first = colon
  while colon do
    local base = string.sub(key, 1, colon)
    if call('EXISTS', base .. 'meta') == 1 then
      return base, string.sub(key, colon + 1)
    end
    colon = string.find(key, ':', colon + 1, true)
  end
  if first then
    return string.sub(key, 1, first), string.sub(key, first + 1)
  end
  return nil
end

-- Returns the queue and the id of a parent; ids may hold colons, so the stored JSON is asked first.
local function parentOf(parentKey, parentJson)
  if parentJson then
    local ok, parent = pcall(cjson.decode, parentJson)
    if ok and type(parent) == 'table' and parent.queueKey and parent.id then
      return queueAt(parent.queueKey .. ':'), tostring(parent.id), parent
    end
  end
  local base, id = string.match(parentKey, '^(.*:)([^:]*)$')
  return queueAt(base), id, {}
end

local function release(queue, id)
  local fields = call('HMGET', queue.base .. id, 'priority', 'delay')
  local delay = tonumber(fields[2] or 0) or 0
  if delay > 0 then
    call('ZADD', queue.base .. 'delayed', (now + delay) * 4096, id)
    emit(queue, 'delayed', 'jobId', id, 'delay', now + delay)
    wakeWhenDue(queue)
    return
  end
  addReady(queue, id, tonumber(fields[1] or 0) or 0, true)
  emit(queue, 'waiting', 'jobId', id, 'prev', 'waiting-children')
end

local function releaseIfWaiting(queue, id)
  if call('EXISTS', queue.base .. id) == 1
    and call('ZREM', queue.base .. 'waiting-children', id) == 1 then
    release(queue, id)
  end
end

local function releaseIfNothingPending(queue, id)
  if call('SCARD', queue.base .. id .. ':dependencies') == 0 then
    releaseIfWaiting(queue, id)
  end
end

local function childCompleted(childKey, parentKey, parentJson, value)
  local queue, id = parentOf(parentKey, parentJson)
  if call('SREM', parentKey .. ':dependencies', childKey) == 1 then
    call('HSET', parentKey .. ':processed', childKey, value)
    releaseIfNothingPending(queue, id)
  end
end

local failParent

-- Applies the policy that the child was added with.
local function childFailed(childKey, parentKey, parentJson, reason)
  local queue, id, policy = parentOf(parentKey, parentJson)
  local dependencies = parentKey .. ':dependencies'
  if policy.fpof then
    failParent(queue, id, childKey, parentKey)
  elseif policy.cpof then
    if call('SREM', dependencies, childKey) == 1 then
      call('HSET', parentKey .. ':failed', childKey, reason)
      releaseIfWaiting(queue, id)
    end
  elseif policy.idof or policy.rdof then
    if call('SREM', dependencies, childKey) == 1 then
      if policy.idof then
        call('HSET', parentKey .. ':failed', childKey, reason)
      end
      releaseIfNothingPending(queue, id)
    end
  end
end

-- Workers before 5.49.2 do not know of deferred failures: for them the parent fails here and now.
local function failParentNow(queue, id, childKey, parentKey)
  if call('ZREM', queue.base .. 'waiting-children', id) == 0 then
    return false
  end
  local reason = 'child ' .. childKey .. ' failed'
  call('ZADD', queue.base .. 'failed', nowText, id)
  call('HSET', parentKey, 'failedReason', reason, 'finishedOn', nowText)
  emit(queue, 'failed', 'jobId', id, 'failedReason', reason, 'prev', 'waiting-children')
  local parent = call('HMGET', parentKey, 'parentKey', 'parent')
  if parent[1] then
    childFailed(parentKey, parent[1], parent[2], reason)
  end
  return true
end

failParent = function(queue, id, childKey, parentKey)
  if failEagerly then
    if call('SISMEMBER', parentKey .. ':dependencies', childKey) == 0 then
      return
    end
  elseif call('SREM', parentKey .. ':dependencies', childKey) == 0 then
    return
  end
  call('ZADD', parentKey .. ':unsuccessful', nowText, childKey)
  if call('EXISTS', parentKey) == 0 then
    return
  end
  if failEagerly and failParentNow(queue, id, childKey, parentKey) then
    return
  end
  local reason = 'child ' .. childKey .. ' failed'
  if call('ZREM', queue.base .. 'waiting-children', id) == 1 then
    call('HSET', parentKey, 'defa', reason)
    release(queue, id)
  elseif call('ZREM', queue.base .. 'delayed', id) == 1 then
    call('HSET', parentKey, 'defa', reason, 'delay', '0')
    release(queue, id)
  elseif not call('ZSCORE', queue.base .. 'failed', id) then
    call('HSET', parentKey, 'defa', reason)
  end
end

-- A job is removed: its parent no longer waits for it. (Priority and delay of a parent that is
-- freed this way are ignored, as in Node.)
local function detach(queue, childKey, parentKey, parentJson)
  if not parentKey or call('EXISTS', parentKey) == 0 then
    return
  end
  local parentQueue, id = parentOf(parentKey, parentJson)
  local dependencies = parentKey .. ':dependencies'
  if call('SREM', dependencies, childKey) == 1 and call('SCARD', dependencies) == 0
    and call('ZREM', parentQueue.base .. 'waiting-children', id) == 1 then
    addReady(parentQueue, id, 0, true)
    emit(parentQueue, 'waiting', 'jobId', id, 'prev', 'waiting-children')
  end
end

local function removeFinished(queue, id)
  local key = queue.base .. id
  local parent = call('HMGET', key, 'parentKey', 'parent')
  detach(queue, key, parent[1], parent[2])
  deleteJobKeys(key)
end
