-- Adds jobs, as many as are given.
--
-- ARGV after core's: maxLenEvents, version ("" leaves either as it is), then 13 values a job:
--   custom id, name, data, opts, timestamp, delay, priority, lifo, parent key, parent JSON,
--   "parent" if it waits for children, scheduler, deduplication JSON ("" where there is none)
-- Returns per job its id, a negative code, or {what went wrong}.
local queue = queueAt(ARGV[1])
local maxEvents, version = ARGV[NEXT_ARG], ARGV[NEXT_ARG + 1]
if maxEvents ~= '' and queue.maxEvents ~= maxEvents then
  call('HSET', KEYS[1], 'opts.maxLenEvents', maxEvents)
  queue.maxEvents = maxEvents
end
if not queue.version and version ~= '' then
  call('HSETNX', KEYS[1], 'version', version)
end

local rest

-- Returns the functions that few jobs need, which take longer to make than to run.
local function others()
  if not rest then
    rest = (function()
      --@include adopt
    end)()
  end
  return rest
end

local function add(counter, customId, job, waitsForChildren, deJson)
  if job.parentKey ~= '' and call('EXISTS', job.parentKey) == 0 then
    return -5
  end
  local id = customId
  if id == '' then
    id = string.format('%.0f', counter)
  elseif call('EXISTS', queue.base .. id) == 1 then
    return others().adopt(id, job)
  end
  if deJson ~= '' then
    local de = cjson.decode(deJson)
    job.deduplicationId = de.id
    local owner = others().deduplicate(queue, de, id, job)
    if owner then
      return owner
    end
  end
  job.storedAs = id
  storeJob(queue, id, job)
  if waitsForChildren then
    call('ZADD', queue.base .. 'waiting-children', job.timestamp, id)
    emit(queue, 'waiting-children', 'jobId', id)
  else
    enqueue(queue, id, job)
  end
  if job.parentKey ~= '' then
    call('SADD', job.parentKey .. ':dependencies', queue.base .. id)
  end
  return id
end

-- Adds a job. What is wrong with it, e.g. a key of another type, does not concern those that travel
-- with it, which are other callers'.
local function tryToAdd(counter, customId, job, waitsForChildren, deJson)
  local done, reply = pcall(add, counter, customId, job, waitsForChildren, deJson)
  if done then
    return reply
  end
  if job.storedAs then
    others().takeBack(queue, job)
  end
  return {type(reply) == 'table' and reply.err or tostring(reply)}
end

local FIRST, VALUES = NEXT_ARG + 2, 13
local replies, count = {}, (#ARGV - FIRST + 1) / VALUES
-- Every job uses a number up, also one with an id of its own; only those without their parent do not.
local last = call('INCRBY', queue.base .. 'id', count)
local counter = last - count
for i = FIRST, #ARGV, VALUES do
  local job = {
    name = ARGV[i + 1], data = ARGV[i + 2], opts = ARGV[i + 3], timestamp = ARGV[i + 4],
    delay = ARGV[i + 5], priority = ARGV[i + 6], lifo = ARGV[i + 7] == '1',
    parentKey = ARGV[i + 8], parent = ARGV[i + 9], scheduler = ARGV[i + 11],
  }
  local reply = tryToAdd(counter + 1, ARGV[i], job, ARGV[i + 10] == 'parent', ARGV[i + 12])
  if reply ~= -5 then
    counter = counter + 1
  end
  replies[#replies + 1] = reply
end
if counter < last then
  call('DECRBY', queue.base .. 'id', last - counter)
end
return replies
