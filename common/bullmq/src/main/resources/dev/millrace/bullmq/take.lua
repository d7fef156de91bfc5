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

-- Moves the next ready job to the active ones; nil if none is ready.
local function nextReady(queue)
  local active = queue.base .. 'active'
  while true do
    local id = call('RPOPLPUSH', queue.base .. 'wait', active)
    if not id then
      id = call('ZPOPMIN', queue.base .. 'prioritized')[1]
      if not id then
        call('DEL', queue.base .. 'pc')
        return nil
      end
      call('LPUSH', active, id)
    end
    local fields = string.sub(id, 1, 2) ~= '0:' and call('HGETALL', queue.base .. id) or {}
    if #fields > 0 then
      return id, fields
    end
    -- An old marker, or an id whose job is gone: running it would make up a job.
    call('LREM', active, 1, id)
  end
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

-- Returns {jobs as {id, {field, value…}}, rate limit in ms, time of the next delayed job in ms,
-- "1" if nothing at all is ready or due}.
local function take(queue, worker)
  promoteDue(queue)
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
  local jobs, bytes = {}, 0
  while #jobs < room and bytes < 1048576 do
    local id, fields = nextReady(queue)
    if not id then
      local first = call('ZRANGE', queue.base .. 'delayed', 0, 0, 'WITHSCORES')
      local due = first[1] and math.floor(tonumber(first[2]) / 4096) or 0
      return {jobs, 0, due, (#jobs == 0 and due == 0) and 1 or 0}
    end
    startJob(queue, id, fields, worker)
    jobs[#jobs + 1] = {id, fields}
    for i = 2, #fields, 2 do
      bytes = bytes + #fields[i]
    end
    if max and not isDeferredFailure(fields) then
      local used = call('INCR', queue.base .. 'limiter')
      if used == 1 and duration then
        call('PEXPIRE', queue.base .. 'limiter', math.floor(math.abs(duration)))
      end
      if used >= max then
        break
      end
    end
  end
  if call('EXISTS', queue.base .. 'wait', queue.base .. 'prioritized') > 0 then
    wake(queue)
  end
  return {jobs, 0, 0, 0}
end

-- Reads a worker's arguments: how many jobs it wants, token, lock in ms, name, limit per duration.
local function workerAt(i)
  return {
    count = tonumber(ARGV[i]), token = ARGV[i + 1], lockMillis = ARGV[i + 2], name = ARGV[i + 3],
    max = tonumber(ARGV[i + 4]), duration = tonumber(ARGV[i + 5]),
  }
end
local WORKER_ARGS = 6
