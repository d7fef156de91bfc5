-- Hands ready jobs to a worker.

-- How long the rate limit forbids to start jobs, in ms; 0 if it does not.
local function limitedFor(queue, max, duration)
  local key = queue.base .. 'limiter'
  if max > tonumber(call('GET', key) or 0) then
    return 0
  end
  local ttl = call('PTTL', key)
  if ttl == -1 and duration then
    -- Somebody's window without an end would forbid, or allow, for ever.
    ttl = math.floor(math.abs(duration))
    call('PEXPIRE', key, ttl)
  elseif ttl <= 0 then
    call('DEL', key)
  end
  return math.max(ttl, 0)
end

-- Counts the start of a job; returns whether it was the last one that the rate limit allows for now.
-- Jobs that only start to fail do not count.
local function useLimit(queue, fields, max, duration)
  for i = 1, #fields, 2 do
    if fields[i] == 'defa' then
      return false
    end
  end
  if not duration then
    return false
  end
  local used = call('INCR', queue.base .. 'limiter')
  if used == 1 then
    call('PEXPIRE', queue.base .. 'limiter', math.floor(math.abs(duration)))
  end
  return used >= max
end

-- Fails unless the active jobs are a list, before anything is taken for them from another. A script
-- that has used them as one already says so, and saves the question.
local function requireList(queue, active)
  if not queue.activeIsList then
    call('LLEN', active)
  end
end

-- Moves ready jobs to the active ones. Returns up to so many ids, the next to run first.
local function popReady(queue, active, waiting, count)
  if count == 1 then
    local id = call('RPOPLPUSH', waiting, active)
    if id then
      return {id}
    end
    -- Nothing came of it, so it did not find out either whether that is a list.
    requireList(queue, active)
  end
  local ids = count > 1 and call('RPOP', waiting, count) or {}
  if #ids == count then
    call('LPUSH', active, unpack(ids))
    return ids
  end
  local prioritized = redis.pcall('ZPOPMIN', queue.base .. 'prioritized', count - #ids)
  if prioritized.err then
    -- Of a wrong type: what was popped already must not be lost for that.
    if #ids == 0 then
      error(prioritized.err)
    end
    prioritized = {}
  end
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

-- Ready jobs are popped in gulps of this many, so that a few large ones do not outgrow a reply.
local GULP, REPLY_BYTES = 16, 1048576

-- Returns {jobs as {id, {field, value…}}, rate limit in ms, time of the next delayed job in ms,
-- "1" if nothing at all is ready or due}.
local function take(queue, worker)
  local nextDue = promoteDue(queue)
  local max = queue.max or worker.max
  local duration = worker.duration or queue.duration
  local limited = max and limitedFor(queue, max, duration) or 0
  if limited > 0 then
    return {{}, limited, 0, 0}
  end
  local base = queue.base
  local active, waiting = base .. 'active', base .. 'wait'
  local room = worker.count
  if queue.concurrency then
    room = math.min(room, queue.concurrency - call('LLEN', active))
  elseif room > 1 then
    requireList(queue, active)
  end
  if queue.paused or room <= 0 then
    return {{}, 0, 0, 0}
  end
  local name = worker.name ~= '' and worker.name
  local jobs, bytes, limitReached = {}, 0, false
  while #jobs < room and bytes < REPLY_BYTES and not limitReached do
    local gulp = max and 1 or math.min(room - #jobs, GULP)
    local ids = popReady(queue, active, waiting, gulp)
    for _, id in ipairs(ids) do
      local key = base .. id
      local fields = string.sub(id, 1, 2) ~= '0:' and redis.pcall('HGETALL', key) or {}
      local n = #fields
      if n == 0 then
        -- An old marker, or an id whose job is gone or no hash: running it would make up a job.
        call('LREM', active, 1, id)
      else
        local started = '1'
        for i = 1, n, 2 do
          local value = fields[i + 1]
          bytes = bytes + #value
          if fields[i] == 'ats' then
            started = string.format('%.0f', (tonumber(value) or 0) + 1)
          end
        end
        if worker.token ~= '0' then
          call('SET', key .. ':lock', worker.token, 'PX', worker.lockMillis)
        end
        emit(queue, 'active', 'jobId', id, 'prev', 'waiting')
        if name then
          call('HSET', key, 'processedOn', nowText, 'ats', started, 'pb', name)
        else
          call('HSET', key, 'processedOn', nowText, 'ats', started)
        end
        limitReached = max and useLimit(queue, fields, max, duration)
        fields[n + 1], fields[n + 2], fields[n + 3], fields[n + 4] =
          'processedOn', nowText, 'ats', started
        jobs[#jobs + 1] = {id, fields}
      end
    end
    if #ids < gulp then
      local due = nextDue
      if not due then
        local first = call('ZRANGE', base .. 'delayed', 0, 0, 'WITHSCORES')
        due = first[1] and math.floor(tonumber(first[2]) / 4096) or 0
      end
      return {jobs, 0, due, (#jobs == 0 and due == 0) and 1 or 0}
    end
  end
  if call('EXISTS', waiting, base .. 'prioritized') > 0 then
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
