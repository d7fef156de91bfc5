-- Ends the attempts of jobs, and hands the worker new ones for the slots that become free.
--
-- ARGV after core's: take's worker (0 jobs to fetch none, -1 to fetch one unless the end of a job is
-- refused), then per job 13 values and its fields:
--   +0 id, +1 token, +2 mode (completed, failed, retry, delay, wait), +3 value, +4 keep count,
--   +5 keep age in s, +6 keep limit, +7 attempts, +8 delay in ms, +9 "1" to push in front, +10 "1"
--   to leave the attempts as they are, +11 what a repeated call finds if the first one got through
--   ("" if it is the first), +12 number of fields; then that many names and values to set
-- Returns {code per job, take's reply}.
--
-- Most jobs complete and have no family. For them this script makes few tables and functions: those
-- cost more time than the commands do.
local argv = ARGV
local queue = queueAt(argv[1])
local worker = workerAt(NEXT_ARG)
local active, waiting = queue.base .. 'active', queue.base .. 'wait'
local settled, completedJobs, failedJobs = false, 0, 0

-- What the jobs of this call leave to be done once for all of them.
local freedLocks, freedIds, gone, policies, latestPolicy = {}, {}, {}, {}, nil

-- Stores a finished job; its set is bounded at the end of this call.
local function keep(i, id, key, mode, attempts)
  local fields, count = {}, tonumber(argv[i + 12])
  for f = i + 13, i + 12 + 2 * count do
    fields[#fields + 1] = argv[f]
  end
  call('HSET', key, 'atm', attempts, mode == 'completed' and 'returnvalue' or 'failedReason',
    argv[i + 3], 'finishedOn', nowText, unpack(fields))
  local set, first = queue.base .. mode, i
  call('ZADD', set, nowText, id)
  local last = latestPolicy
  if last and last.set == set and last.keepCount == argv[i + 4] and last.keepAge == argv[i + 5] then
    last.limit = math.max(last.limit, tonumber(argv[i + 6]) or 1000)
    return
  end
  latestPolicy = {
    set = set, keepCount = argv[i + 4], keepAge = argv[i + 5], count = tonumber(argv[i + 4]),
    age = tonumber(argv[i + 5]), limit = tonumber(argv[i + 6]) or 1000,
    completed = mode == 'completed',
  }
  policies[#policies + 1] = latestPolicy
end

local rest

-- Returns the functions that few jobs need, which take longer to make than to run.
local function others()
  if not rest then
    rest = (function()
      --@include settle
    end)()
  end
  return rest
end

-- The jobs' places in ARGV, their keys and locks; whether any has children to wait for.
local starts, jobKeys, owners, childless = {}, {}, {}, true

local function lookAhead()
  local lockKeys, childKeys, retries = {}, {}, false
  local i = NEXT_ARG + WORKER_ARGS
  while i <= #argv do
    local n, key, mode = #starts + 1, queue.base .. argv[i], argv[i + 2]
    starts[n], jobKeys[n], lockKeys[n] = i, key, key .. ':lock'
    if mode == 'completed' then
      childKeys[#childKeys + 1] = key .. ':dependencies'
      childKeys[#childKeys + 1] = key .. ':unsuccessful'
    end
    retries = retries or mode == 'retry'
    i = i + 13 + 2 * tonumber(argv[i + 12])
  end
  if #starts == 0 then
    return
  end
  for n, owner in ipairs(call('MGET', unpack(lockKeys))) do
    owners[lockKeys[n]] = owner
  end
  childless = #childKeys == 0 or call('EXISTS', unpack(childKeys)) == 0
  if retries then
    promoteDue(queue)
  end
end

-- A call whose reply was lost is sent again. What it left behind shows that it had got through.
local function refused(code, i, mode, key, attempts)
  local trace = argv[i + 11]
  if trace == '' then
    return code
  end
  local through
  if mode == 'completed' or mode == 'failed' then
    local finishedOn = call('HGET', key, 'finishedOn')
    through = finishedOn and tonumber(finishedOn) >= tonumber(trace)
  else
    through = mode ~= 'wait' and attempts - 1 >= tonumber(trace)
  end
  return through and 0 or code
end

local function setFields(i, key)
  local count = tonumber(argv[i + 12])
  if count > 0 then
    call('HSET', key, unpack(argv, i + 13, i + 12 + 2 * count))
  end
end

local function finish(i, key)
  local id, token, mode = argv[i], argv[i + 1], argv[i + 2]
  local hash = call('HMGET', key, 'name', 'parentKey', 'deid', 'atm')
  if not hash[1] and call('EXISTS', key) == 0 then
    return argv[i + 11] ~= '' and 0 or -1
  end
  local attempts = (tonumber(hash[4] or 0) or 0) + 1
  if mode == 'completed' and not childless then
    if call('SCARD', key .. ':dependencies') ~= 0 then
      return -4
    end
    if call('ZCARD', key .. ':unsuccessful') ~= 0 then
      return -9
    end
  end
  if token ~= '0' then
    local lock = key .. ':lock'
    local owner = owners[lock]
    if owner ~= token then
      return refused(owner and -6 or -2, i, mode, key, attempts)
    end
    owners[lock] = false
    freedLocks[#freedLocks + 1] = lock
    freedIds[#freedIds + 1] = id
  end
  if call('LREM', active, mode == 'wait' and 1 or -1, id) == 0 then
    setFields(i, key)
    return mode == 'wait' and 0 or -3
  end
  if mode ~= 'completed' and mode ~= 'failed' then
    setFields(i, key)
    others().putBack(mode, i, id, key, attempts)
    return 0
  end
  settled = true
  if mode == 'failed' then
    failedJobs = failedJobs + 1
  else
    completedJobs = completedJobs + 1
  end
  if mode == 'failed' or hash[2] or hash[3] then
    others().settle(mode, i, id, key, attempts)
    return 0
  end
  if argv[i + 4] == '0' then
    addJobKeys(gone, key)
  else
    keep(i, id, key, mode, attempts)
  end
  emit(queue, 'completed', 'jobId', id, 'returnvalue', argv[i + 3], 'prev', 'active')
  return 0
end

lookAhead()
local codes, refusals = {}, false
for n, i in ipairs(starts) do
  codes[n] = finish(i, jobKeys[n])
  refusals = refusals or codes[n] < 0
end
if worker.count < 0 then
  worker.count = refusals and 0 or -worker.count
end
if #freedLocks > 0 then
  call('SREM', queue.base .. 'stalled', unpack(freedIds))
  call('UNLINK', unpack(freedLocks))
end
for from = 1, #gone, 5000 do
  call('UNLINK', unpack(gone, from, math.min(from + 4999, #gone)))
end
for _, policy in ipairs(policies) do
  others().bound(policy)
end
if settled and worker.metrics then
  (function()
    --@include metrics
    recordFinished(queue, 'completed', completedJobs, worker.metrics)
    recordFinished(queue, 'failed', failedJobs, worker.metrics)
  end)()
end

local taken = {{}, 0, 0, 0}
if worker.count > 0 then
  taken = take(queue, worker)
elseif queue.concurrency and call('EXISTS', waiting, queue.base .. 'prioritized') > 0 then
  -- The slot that became free may be any worker's.
  wake(queue)
end
if settled and (worker.count == 0 or taken[4] == 1)
  and call('EXISTS', waiting, active, queue.base .. 'prioritized') == 0 then
  emit(queue, 'drained')
end
return {codes, taken}
