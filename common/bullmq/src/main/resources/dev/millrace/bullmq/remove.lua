-- Removes a job, or what it waits for. ARGV after core's: id, and "all" to remove its children too,
-- "job" to leave them, "pending" to remove only children that are not processed.
-- Returns {1}, {0} if a job that would have to go is locked, {-8} if it is a scheduler's next run.
local queue = guard(queueAt(ARGV[1]))
local id, what = ARGV[NEXT_ARG], ARGV[NEXT_ARG + 1]
local withChildren = what ~= 'job'

local function childrenOf(key)
  local children = {}
  local function addAll(keys)
    for _, child in ipairs(keys) do
      children[#children + 1] = child
    end
  end
  addAll(call('HKEYS', key .. ':processed'))
  addAll(call('HKEYS', key .. ':failed'))
  addAll(call('ZRANGE', key .. ':unsuccessful', 0, -1))
  addAll(call('SMEMBERS', key .. ':dependencies'))
  return children
end

-- What others wrote may make a job its own descendant.
local function isLocked(key, seen)
  if seen[key] then
    return false
  end
  seen[key] = true
  if call('EXISTS', key .. ':lock') == 1 then
    return true
  end
  if withChildren then
    for _, child in ipairs(call('SMEMBERS', key .. ':dependencies')) do
      if isLocked(child, seen) then
        return true
      end
    end
  end
  return false
end

local function takeOut(base, jobId)
  local sets = {'completed', 'waiting-children', 'delayed', 'failed', 'prioritized'}
  for _, state in ipairs(sets) do
    if call('ZREM', base .. state, jobId) == 1 then
      return state
    end
  end
  for _, state in ipairs({'wait', 'paused', 'active'}) do
    if call('LREM', base .. state, 0, jobId) > 0 then
      return state
    end
  end
  return 'unknown'
end

local removed = {}
local function remove(jobQueue, jobId)
  local key = jobQueue.base .. jobId
  if removed[key] then
    return
  end
  removed[key] = true
  if withChildren then
    for _, child in ipairs(childrenOf(key)) do
      local base, childId = splitKey(child)
      if base then
        remove(queueAt(base), childId)
      end
    end
  end
  local hash = call('HMGET', key, 'parentKey', 'parent', 'deid')
  local existed = call('EXISTS', key) == 1
  detach(jobQueue, key, hash[1], hash[2])
  local state = takeOut(jobQueue.base, jobId)
  if hash[3] and call('GET', jobQueue.base .. 'de:' .. hash[3]) == jobId then
    call('DEL', jobQueue.base .. 'de:' .. hash[3], jobQueue.base .. 'dn:' .. hash[3])
  end
  deleteJobKeys(key)
  if existed then
    emit(jobQueue, 'removed', 'jobId', jobId, 'prev', state)
  end
end

local function removePending(key)
  for _, child in ipairs(call('SMEMBERS', key .. ':dependencies')) do
    local base, childId = splitKey(child)
    if base and not isLocked(child, {}) and not call('ZSCORE', base .. 'failed', childId) then
      remove(queueAt(base), childId)
    end
  end
end

if what == 'pending' then
  removePending(queue.base .. id)
  return {1}
end
if isNextRun(queue, id) then
  return {-8}
end
if isLocked(queue.base .. id, {}) then
  return {0}
end
remove(queue, id)
return {1}
