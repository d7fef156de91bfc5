-- Ends the attempts of jobs, and hands the worker new ones for the slots that become free.
--
-- ARGV after core's: take's worker (0 jobs to fetch none), then per job 13 values and its fields:
--   id, token, mode (completed, failed, retry, delay, wait), value, keep count, keep age in s,
--   keep limit, attempts, delay in ms, "1" to push in front, "1" to leave the attempts as they
--   are, what a repeated call finds if the first one got through ("" if it is the first), number
--   of fields; then that many names and values to set
-- Returns {code per job, take's reply}.
local queue = queueAt(ARGV[1])
local worker = workerAt(NEXT_ARG)
local settled = false

-- What the jobs of this call leave to be done once for all of them.
local freedLocks, freedIds, kept = {}, {}, {}

-- Remembers that a set of finished jobs has a new one, to be bounded at the end.
local function keep(set, job, id)
  call('ZADD', set, nowText, id)
  kept[set .. '/' .. job.keepAge .. '/' .. job.keepCount .. '/' .. job.keepLimit] = {
    set = set, age = tonumber(job.keepAge), count = tonumber(job.keepCount),
    limit = tonumber(job.keepLimit) or 1000, completed = job.mode == 'completed',
  }
end

local function removeOld(policy, ids)
  if not policy.completed then
    for _, id in ipairs(ids) do
      removeFinished(queue, id)
    end
    return
  end
  -- Parents do not wait for completed jobs, so they need not be asked.
  for from = 1, #ids, 500 do
    local keys = {}
    for i = from, math.min(from + 499, #ids) do
      addJobKeys(keys, queue.base .. ids[i])
    end
    call('UNLINK', unpack(keys))
  end
end

local function bound(policy)
  if policy.age then
    local oldest = now - policy.age * 1000
    local old = call('ZREVRANGEBYSCORE', policy.set, oldest, '-inf', 'LIMIT', 0, policy.limit)
    removeOld(policy, old)
    for from = 1, #old, 5000 do
      call('ZREM', policy.set, unpack(old, from, math.min(from + 4999, #old)))
    end
  end
  if policy.count and policy.count > 0 then
    local surplus = call('ZREVRANGE', policy.set, policy.count, -1)
    removeOld(policy, surplus)
    if #surplus > 0 then
      call('ZREMRANGEBYRANK', policy.set, 0, -(policy.count + 1))
    end
  end
end

local function settle(job, id, key, stored, fields)
  local completed = job.mode == 'completed'
  if stored.deduplicationId then
    releaseDeduplication(queue, id, stored.deduplicationId)
  end
  if stored.parentKey then
    if completed then
      childCompleted(key, stored.parentKey, stored.parent, job.value)
    else
      childFailed(key, stored.parentKey, stored.parent, job.value)
    end
  end
  if job.keepCount == '0' then
    deleteJobKeys(key)
    detach(queue, key, stored.parentKey, stored.parent)
  else
    for _, value in ipairs({'atm', stored.attempts, completed and 'returnvalue' or 'failedReason',
      job.value, 'finishedOn', nowText}) do
      fields[#fields + 1] = value
    end
    call('HSET', key, unpack(fields))
    if not completed then
      call('HDEL', key, 'defa')
    end
    keep(queue.base .. job.mode, job, id)
  end
  if completed then
    emit(queue, 'completed', 'jobId', id, 'returnvalue', job.value, 'prev', 'active')
  else
    emit(queue, 'failed', 'jobId', id, 'failedReason', job.value, 'prev', 'active')
    if stored.attempts >= job.attempts then
      emit(queue, 'retries-exhausted', 'jobId', id, 'attemptsMade', stored.attempts)
    end
  end
  recordFinished(queue, job.mode, worker.metrics)
  settled = true
end

local function putBack(job, id, key, stored)
  if job.mode == 'wait' then
    if stored.priority > 0 then
      call('ZADD', queue.base .. 'prioritized', stored.priority * 4294967296, id)
    else
      addReady(queue, id, 0, true)
    end
    emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
    return
  end
  if not job.sameAttempts then
    call('HSET', key, 'atm', stored.attempts)
  end
  if job.mode == 'delay' then
    call('HSET', key, 'delay', job.delay)
    addDelayed(queue, id, now + tonumber(job.delay))
  else
    addReady(queue, id, stored.priority, job.front)
    emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
  end
end

-- A call whose reply was lost is sent again. What it left behind shows that it had got through.
local function gotThrough(job, stored)
  if job.mode == 'completed' or job.mode == 'failed' then
    return stored.finishedOn and tonumber(stored.finishedOn) >= tonumber(job.trace)
  end
  return job.mode ~= 'wait' and stored.attempts - 1 >= tonumber(job.trace)
end

-- The locks of all jobs, and whether any of them has children that it would have to wait for.
local locks, childless = {}, true

local function checkOwner(id, token)
  if token == '0' then
    return 0
  end
  local lock = queue.base .. id .. ':lock'
  local owner = locks[lock]
  if owner ~= token then
    return owner and -6 or -2
  end
  locks[lock] = false
  freedLocks[#freedLocks + 1] = lock
  freedIds[#freedIds + 1] = id
  return 0
end

local function finish(id, token, job, fields)
  local key = queue.base .. id
  local hash = call('HMGET', key, 'name', 'parentKey', 'parent', 'deid', 'atm', 'priority',
    'finishedOn')
  if not hash[1] and call('EXISTS', key) == 0 then
    return job.trace ~= '' and 0 or -1
  end
  local stored = {
    parentKey = hash[2], parent = hash[3], deduplicationId = hash[4],
    attempts = (tonumber(hash[5] or 0) or 0) + 1, priority = tonumber(hash[6] or 0) or 0,
    finishedOn = hash[7],
  }
  if job.mode == 'completed' and not childless then
    if call('SCARD', key .. ':dependencies') ~= 0 then
      return -4
    end
    if call('ZCARD', key .. ':unsuccessful') ~= 0 then
      return -9
    end
  end
  local code = checkOwner(id, token)
  if code < 0 then
    return (job.trace ~= '' and gotThrough(job, stored)) and 0 or code
  end
  if call('LREM', queue.base .. 'active', job.mode == 'wait' and 1 or -1, id) == 0 then
    if #fields > 0 then
      call('HSET', key, unpack(fields))
    end
    return job.mode == 'wait' and 0 or -3
  end
  if job.mode == 'completed' or job.mode == 'failed' then
    settle(job, id, key, stored, fields)
  else
    if #fields > 0 then
      call('HSET', key, unpack(fields))
    end
    putBack(job, id, key, stored)
  end
  return 0
end

local function readItems()
  local items, i = {}, NEXT_ARG + WORKER_ARGS
  while i <= #ARGV do
    local fields, count = {}, tonumber(ARGV[i + 12])
    for f = i + 13, i + 12 + 2 * count do
      fields[#fields + 1] = ARGV[f]
    end
    items[#items + 1] = {
      id = ARGV[i], token = ARGV[i + 1], fields = fields, mode = ARGV[i + 2], value = ARGV[i + 3],
      keepCount = ARGV[i + 4], keepAge = ARGV[i + 5], keepLimit = ARGV[i + 6],
      attempts = tonumber(ARGV[i + 7]), delay = ARGV[i + 8], front = ARGV[i + 9] == '1',
      sameAttempts = ARGV[i + 10] == '1', trace = ARGV[i + 11],
    }
    i = i + 13 + 2 * count
  end
  return items
end

local function lookAhead(items)
  local lockKeys, childKeys, retries = {}, {}, false
  for _, item in ipairs(items) do
    local key = queue.base .. item.id
    lockKeys[#lockKeys + 1] = key .. ':lock'
    if item.mode == 'completed' then
      childKeys[#childKeys + 1] = key .. ':dependencies'
      childKeys[#childKeys + 1] = key .. ':unsuccessful'
    end
    retries = retries or item.mode == 'retry'
  end
  for i, owner in ipairs(call('MGET', unpack(lockKeys))) do
    locks[lockKeys[i]] = owner
  end
  childless = #childKeys == 0 or call('EXISTS', unpack(childKeys)) == 0
  if retries then
    promoteDue(queue)
  end
end

local codes, items = {}, readItems()
if #items > 0 then
  lookAhead(items)
end
for i, item in ipairs(items) do
  codes[i] = finish(item.id, item.token, item, item.fields)
end
if #freedLocks > 0 then
  call('DEL', unpack(freedLocks))
  call('SREM', queue.base .. 'stalled', unpack(freedIds))
end
for _, policy in pairs(kept) do
  bound(policy)
end

local taken = {{}, 0, 0, 0}
if worker.count > 0 then
  taken = take(queue, worker)
elseif queue.concurrency
  and call('EXISTS', queue.base .. 'wait', queue.base .. 'prioritized') > 0 then
  -- The slot that became free may be any worker's.
  wake(queue)
end
if settled and (worker.count == 0 or taken[4] == 1)
  and call('EXISTS', queue.base .. 'wait', queue.base .. 'active',
    queue.base .. 'prioritized') == 0 then
  emit(queue, 'drained')
end
return {codes, taken}
