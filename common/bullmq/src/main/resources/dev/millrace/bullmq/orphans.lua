-- Finds and deletes jobs that are in no state. ARGV: base, "find" or "delete", ids.
-- Returns, to find, the ids that are in no sorted set; to delete, the ids deleted.
local base, delete = ARGV[1], ARGV[2] == 'delete'
local SETS = {'completed', 'failed', 'delayed', 'prioritized', 'waiting-children'}
local LISTS = {'wait', 'paused', 'active'}

local function isInSet(id)
  for _, set in ipairs(SETS) do
    if redis.call('ZSCORE', base .. set, id) then
      return true
    end
  end
  return false
end

local function isInList(id)
  for _, list in ipairs(LISTS) do
    if redis.call('LPOS', base .. list, id) then
      return true
    end
  end
  return false
end

-- What is no job's hash belongs to something that this version does not know.
local function isJob(key)
  local kind = redis.call('TYPE', key).ok
  return kind == 'none' or (kind == 'hash' and redis.call('HEXISTS', key, 'timestamp') == 1
    and redis.call('HEXISTS', key, 'name') == 1)
end

local found = {}
for i = 3, #ARGV do
  local id = ARGV[i]
  local key = base .. id
  if not isInSet(id) then
    if not delete then
      found[#found + 1] = id
    elseif not isInList(id) and redis.call('EXISTS', key .. ':lock') == 0 and isJob(key) then
      redis.call('UNLINK', key, key .. ':logs', key .. ':dependencies', key .. ':processed',
        key .. ':failed', key .. ':unsuccessful')
      found[#found + 1] = id
    end
  end
end
return found
