-- Deletes jobs of one state, the oldest first, as many as one call may take.
--
-- ARGV after core's: the state's key, a time in ms that jobs must be older than ("" for any), how
-- many entries to skip (those that earlier calls left), how many to look at, how many to delete at
-- most, when to write the event "cleaned": "always", "some" if there was any, or "never".
-- Returns {how many were looked at, ids deleted}.
local queue = guard(queueAt(ARGV[1]))
local suffix, before = ARGV[NEXT_ARG], tonumber(ARGV[NEXT_ARG + 1])
local skip, window, most = tonumber(ARGV[NEXT_ARG + 2]), tonumber(ARGV[NEXT_ARG + 3]),
  tonumber(ARGV[NEXT_ARG + 4])
local report = ARGV[NEXT_ARG + 5]
local name = queue.base .. suffix

-- The times that tell how old a job is, the first that is there.
local TIMES = {
  delayed = {'processedOn', 'timestamp'}, prioritized = {'timestamp'},
}
local LISTS = {wait = true, paused = true, active = true}
-- No id looks like this; it marks list entries to be removed.
local GONE = '0:gone'

local function isOld(key)
  if not before then
    return true
  end
  local times = call('HMGET', key, unpack(TIMES[suffix]
    or {'finishedOn', 'processedOn', 'timestamp'}))
  for _, time in ipairs(times) do
    if time then
      return (tonumber(time) or 0) <= before
    end
  end
  return true
end

local function mayGo(id)
  local key = queue.base .. id
  if suffix == 'completed' or suffix == 'failed' then
    return true
  end
  if suffix == 'active' and call('EXISTS', key .. ':lock') == 1 then
    return false
  end
  return isOld(key) and not isNextRun(queue, id)
end

local function entries()
  if LISTS[suffix] then
    return call('LRANGE', name, -(skip + window), -(skip + 1))
  elseif before and (suffix == 'completed' or suffix == 'failed') then
    return call('ZRANGEBYSCORE', name, '-inf', before, 'LIMIT', skip, window)
  end
  return call('ZRANGE', name, skip, skip + window - 1)
end

local ids = entries()
local seen, gone = 0, {}
while seen < #ids and #gone < most do
  -- The oldest entry of a list is the last one.
  local id = ids[LISTS[suffix] and #ids - seen or seen + 1]
  if mayGo(id) then
    gone[#gone + 1] = id
    if LISTS[suffix] then
      call('LSET', name, -(skip + seen + 1), GONE)
    end
  end
  seen = seen + 1
end
if #gone > 0 then
  if LISTS[suffix] then
    -- From the end that is nearer: the list is searched up to the last of them.
    local fromHead = 2 * skip > call('LLEN', name)
    call('LREM', name, fromHead and #gone or -#gone, GONE)
  else
    for from = 1, #gone, 5000 do
      call('ZREM', name, unpack(gone, from, math.min(from + 4999, #gone)))
    end
  end
  if suffix == 'active' then
    call('SREM', queue.base .. 'stalled', unpack(gone, 1, math.min(#gone, 5000)))
  end
end
for _, id in ipairs(gone) do
  purge(queue, id)
end
if report == 'always' or (report == 'some' and #gone > 0) then
  emit(queue, 'cleaned', 'count', #gone)
end
return {seen, gone}
