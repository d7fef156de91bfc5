-- The beginning of every script that changes a queue: what the caller says of itself, the queue's
-- meta hash, its events and its markers.
--
-- KEYS: meta, events (for routing; all other names are built from ARGV 1)
-- ARGV: 1 base ("bull:queue:"), 2 now in ms, 3 compat "5" or "6", 4 "1" to fail eagerly
local call = redis.call
local nowText = ARGV[2]
local now = tonumber(nowText)
local v5 = ARGV[3] == '5'
local failEagerly = ARGV[4] == '1'
local NEXT_ARG = 5

-- Queues seen by this call, so that the meta of each is read once.
local queues = {}

local function queueAt(base)
  local queue = queues[base]
  if queue then
    return queue
  end
  local meta = call('HMGET', base .. 'meta', 'paused', 'concurrency', 'max', 'duration',
    'opts.maxLenEvents', 'version')
  if not meta[5] then
    call('HSET', base .. 'meta', 'opts.maxLenEvents', '10000')
  end
  queue = {
    base = base,
    events = base .. 'events',
    paused = meta[1] and true or false,
    concurrency = tonumber(meta[2] or nil),
    max = tonumber(meta[3] or nil),
    duration = tonumber(meta[4] or nil),
    maxEvents = meta[5] or '10000',
    version = meta[6],
    emitted = 0,
  }
  queue.ready = base .. ((v5 and queue.paused) and 'paused' or 'wait')
  queues[base] = queue
  return queue
end

-- Writes an event. The length is bounded roughly anyway, so that it is looked after with the first
-- event of a call, and not again before many more.
local function emit(queue, event, ...)
  local emitted = queue.emitted
  queue.emitted = emitted + 1
  if emitted % 64 == 0 then
    call('XADD', queue.events, 'MAXLEN', '~', queue.maxEvents, '*', 'event', event, ...)
  else
    call('XADD', queue.events, '*', 'event', event, ...)
  end
end

local function isMaxed(queue)
  return queue.concurrency and call('LLEN', queue.base .. 'active') >= queue.concurrency
end

-- Tells idle workers that there is work, unless none may be started now.
local function wake(queue)
  if not queue.woken and not queue.paused and not isMaxed(queue) then
    call('ZADD', queue.base .. 'marker', 0, '0')
    queue.woken = true
  end
end

-- Tells idle workers when the next delayed job is due.
local function wakeWhenDue(queue)
  local first = call('ZRANGE', queue.base .. 'delayed', 0, 0, 'WITHSCORES')
  if first[1] then
    call('ZADD', queue.base .. 'marker', tonumber(first[2]) / 4096, '1')
  end
end

-- Scores of delayed jobs: the time and, in the 12 low bits, the order among jobs of one ms.
local function delayedScore(queue, time)
  local low = time * 4096
  local last = call('ZREVRANGEBYSCORE', queue.base .. 'delayed', low + 4095, low, 'WITHSCORES',
    'LIMIT', 0, 1)
  if not last[1] then
    return low
  end
  return math.min(tonumber(last[2]) + 1, low + 4095)
end

local function addDelayed(queue, id, time)
  call('ZADD', queue.base .. 'delayed', delayedScore(queue, time), id)
  emit(queue, 'delayed', 'jobId', id, 'delay', time)
  wakeWhenDue(queue)
end

local function addPrioritized(queue, id, priority)
  local counter = call('INCR', queue.base .. 'pc') % 4294967296
  call('ZADD', queue.base .. 'prioritized', priority * 4294967296 + counter, id)
end

-- Makes a job ready: behind those of its priority, or in front of all that have none.
local function addReady(queue, id, priority, front)
  if priority > 0 then
    addPrioritized(queue, id, priority)
  else
    call(front and 'RPUSH' or 'LPUSH', queue.ready, id)
  end
  wake(queue)
end

local function addJobKeys(keys, key)
  local n = #keys
  keys[n + 1], keys[n + 2], keys[n + 3] = key, key .. ':logs', key .. ':dependencies'
  keys[n + 4], keys[n + 5], keys[n + 6] =
    key .. ':processed', key .. ':failed', key .. ':unsuccessful'
end

local function deleteJobKeys(key)
  local keys = {}
  addJobKeys(keys, key)
  call('UNLINK', unpack(keys))
end

-- Moves what is due from the delayed jobs to those that are ready. Returns when the next one is due,
-- in ms: 0 if none is, nil if that has to be looked up.
local function promoteDue(queue)
  local first = call('ZRANGE', queue.base .. 'delayed', 0, 0, 'WITHSCORES')
  if not first[1] then
    return 0
  end
  local dueAt = math.floor(tonumber(first[2]) / 4096)
  if dueAt > now then
    return dueAt
  end
  local due = call('ZRANGEBYSCORE', queue.base .. 'delayed', 0, (now + 1) * 4096 - 1, 'LIMIT', 0,
    1000)
  -- Whatever is of a wrong type shows here, before the jobs are taken from where they are. A job whose
  -- key is no hash goes on like one without: whoever takes it finds out.
  local priorities, plain, prioritized = {}, false, false
  for i, id in ipairs(due) do
    local priority = redis.pcall('HGET', queue.base .. id, 'priority')
    local isHash = type(priority) ~= 'table'
    priorities[i] = isHash and (tonumber(priority or 0) or 0)
    if isHash and priorities[i] > 0 then
      prioritized = true
    else
      plain = true
    end
  end
  call('XLEN', queue.events)
  if plain then
    call('LLEN', queue.ready)
  end
  if prioritized then
    call('ZCARD', queue.base .. 'prioritized')
    call('INCRBY', queue.base .. 'pc', 0)
  end
  call('ZREM', queue.base .. 'delayed', unpack(due))
  for i, id in ipairs(due) do
    local key, priority = queue.base .. id, priorities[i]
    if priority and priority > 0 then
      addPrioritized(queue, id, priority)
    else
      call('LPUSH', queue.ready, id)
    end
    emit(queue, 'waiting', 'jobId', id, 'prev', 'delayed')
    if priority and call('EXISTS', key) == 1 then
      call('HSET', key, 'delay', '0')
    end
  end
  wake(queue)
end

-- Gives up the caller's lock: 0, -2 without a lock, -6 with another's.
local function releaseLock(queue, id, token)
  if token == '0' then
    return 0
  end
  local lock = queue.base .. id .. ':lock'
  local owner = call('GET', lock)
  if not owner then
    return -2
  end
  if owner ~= token then
    return -6
  end
  call('DEL', lock)
  call('SREM', queue.base .. 'stalled', id)
  return 0
end
