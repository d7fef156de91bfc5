-- Removes a job and its children, unless one of them is being processed. ARGV after core's: id,
-- "1" to remove children too. Returns {1}, {0} if one is locked, {-8} if it is a scheduler's next.
local queue = queueAt(ARGV[1])
local id, withChildren = ARGV[NEXT_ARG], ARGV[NEXT_ARG + 1] == '1'

local scheduler = call('HGET', queue.base .. id, 'rjk')
if scheduler then
  local next = call('ZSCORE', queue.base .. 'repeat', scheduler)
  if next and id == string.format('repeat:%s:%.0f', scheduler, tonumber(next)) then
    return {-8}
  end
end

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

local function isLocked(key)
  if call('EXISTS', key .. ':lock') == 1 then
    return true
  end
  if withChildren then
    for _, child in ipairs(call('SMEMBERS', key .. ':dependencies')) do
      if isLocked(child) then
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

local function remove(jobQueue, jobId)
  local key = jobQueue.base .. jobId
  if withChildren then
    for _, child in ipairs(childrenOf(key)) do
      local base, childId = string.match(child, '^(.-:[^:]*:)(.*)$')
      remove(queueAt(base), childId)
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

if isLocked(queue.base .. id) then
  return {0}
end
remove(queue, id)
return {1}
