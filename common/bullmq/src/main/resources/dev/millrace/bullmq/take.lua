-- Hands ready jobs to a worker.

-- How long the rate limit forbids to start jobs, in ms; 0 if it does not.
local function limitedFor(queue, max)
  if not max then
    return 0
  end
  local key = queue.base .. 'limiter'
  if max > tonumber(call('GET', key) or 0) then
    return 0
  end
  local ttl = call('PTTL', key)
  if ttl == 0 then
    call('DEL', key)
  end
  return math.max(ttl, 0)
end

-- Moves ready jobs to the active ones. Returns up to so many ids, the next to run first.
local function popReady(queue, count)
  local active = queue.base .. 'active'
  if count == 1 then
    local id = call('RPOPLPUSH', queue.base .. 'wait', active)
    if id then
      return {id}
    end
  end
  local ids = count > 1 and call('RPOP', queue.base .. 'wait', count) or {}
  if #ids == count then
    call('LPUSH', active, unpack(ids))
    return ids
  end
  local prioritized = call('ZPOPMIN', queue.base .. 'prioritized', count - #ids)
  for i = 1, #prioritized, 2 do
    ids[#ids + 1] = prioritized[i]
  end
  if #ids > 0 then
    call('LPUSH', active, unpack(ids))
  end
  if #ids < count and (#prioritized > 0 or #ids == 0) then
    call('DEL', queue.base .. 'pc')
  end
  return ids
end

local function startJob(queue, id, fields, worker)
  local key = queue.base .. id
  local started = 0
  for i = 1, #fields, 2 do
    if fields[i] == 'ats' then
      started = tonumber(fields[i + 1]) or 0
    end
  end
  started = string.format('%.0f', started + 1)
  call('SET', key .. ':lock', worker.token, 'PX', worker.lockMillis)
  emit(queue, 'active', 'jobId', id, 'prev', 'waiting')
  if worker.name ~= '' then
    call('HSET', key, 'processedOn', nowText, 'ats', started, 'pb', worker.name)
  else
    call('HSET', key, 'processedOn', nowText, 'ats', started)
  end
  for _, value in ipairs({'processedOn', nowText, 'ats', started}) do
    fields[#fields + 1] = value
  end
end

local function isDeferredFailure(fields)
  for i = 1, #fields, 2 do
    if fields[i] == 'defa' then
      return true
    end
  end
  return false
end

-- Ready jobs are popped in gulps of this many, so that a few large ones do not outgrow a reply.
local GULP, REPLY_BYTES = 16, 1048576

local function nextDueOf(queue)
  local first = call('ZRANGE', queue.base .. 'delayed', 0, 0, 'WITHSCORES')
  return first[1] and math.floor(tonumber(first[2]) / 4096) or 0
end

-- Counts a start; returns whether it was the last one that the rate limit allows for now.
local function useLimit(queue, max, duration)
  local used = call('INCR', queue.base .. 'limiter')
  if used == 1 and duration then
    call('PEXPIRE', queue.base .. 'limiter', math.floor(math.abs(duration)))
  end
  return used >= max
end

-- Returns {jobs as {id, {field, value…}}, rate limit in ms, time of the next delayed job in ms,
-- "1" if nothing at all is ready or due}.
local function take(queue, worker)
  local nextDue = promoteDue(queue)
  local max = queue.max or worker.max
  local limited = limitedFor(queue, max)
  if limited > 0 then
    return {{}, limited, 0, 0}
  end
  local room = worker.count
  if queue.concurrency then
    room = math.min(room, queue.concurrency - call('LLEN', queue.base .. 'active'))
  end
  if queue.paused or room <= 0 then
    return {{}, 0, 0, 0}
  end
  local duration = worker.duration or queue.duration
  local jobs, bytes, limitReached = {}, 0, false
  while #jobs < room and bytes < REPLY_BYTES and not limitReached do
    local gulp = max and 1 or math.min(room - #jobs, GULP)
    local ids = popReady(queue, gulp)
    for _, id in ipairs(ids) do
      local fields = string.sub(id, 1, 2) ~= '0:' and call('HGETALL', queue.base .. id) or {}
      if #fields == 0 then
        -- An old marker, or an id whose job is gone: running it would make up a job.
        call('LREM', queue.base .. 'active', 1, id)
      else
        startJob(queue, id, fields, worker)
        jobs[#jobs + 1] = {id, fields}
        for i = 2, #fields, 2 do
          bytes = bytes + #fields[i]
        end
        if max and not isDeferredFailure(fields) then
          limitReached = useLimit(queue, max, duration)
        end
      end
    end
    if #ids < gulp then
      local due = nextDue or nextDueOf(queue)
      return {jobs, 0, due, (#jobs == 0 and due == 0) and 1 or 0}
    end
  end
  if call('EXISTS', queue.base .. 'wait', queue.base .. 'prioritized') > 0 then
    wake(queue)
  end
  return {jobs, 0, 0, 0}
end

-- Reads a worker's arguments: how many jobs it wants, token, lock in ms, name, limit per duration,
-- how many points its metrics have.
local function workerAt(i)
  return {
    count = tonumber(ARGV[i]), token = ARGV[i + 1], lockMillis = ARGV[i + 2], name = ARGV[i + 3],
    max = tonumber(ARGV[i + 4]), duration = tonumber(ARGV[i + 5]),
    metrics = tonumber(ARGV[i + 6]),
  }
end
local WORKER_ARGS = 7
