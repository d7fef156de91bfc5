-- Ends the attempts of jobs, and hands the worker new ones for the slots that become free.
--
-- ARGV after core's: take's worker (0 jobs to fetch none, -1 to fetch one unless the end of a job is
-- refused), then per job, of which there is at least one, 6 values and its fields:
--   +0 id, +1 token, +2 mode (completed, failed, retry, delay, wait), +3 value, +4 settings,
--   +5 number of fields; then that many names and values to set
-- Settings are eight values with commas between, empty where there is none: keep count, keep age in
-- s, keep limit, attempts, delay in ms, "1" to push in front, "1" to leave the attempts as they are,
-- what a repeated call finds if the first one got through.
-- Returns {code per job, take's reply}.
--
-- Most jobs complete and have no family. For them this script is one stretch without functions of
-- its own, and its commands take as many jobs at once as they can: to make functions and tables
-- costs more time than most commands do.
local argv, base = ARGV, ARGV[1]
local queue, worker = queueAt(base), workerAt(NEXT_ARG)
local active, waiting = base .. 'active', base .. 'wait'
local ids, starts, keys, locks, kids, retries = {}, {}, {}, {}, {}, false
local n, at, argc = 0, NEXT_ARG + WORKER_ARGS, #argv
while at <= argc do
  local id = argv[at]
  local key = base .. id
  n = n + 1
  ids[n], starts[n], keys[n], locks[n] = id, at, key, key .. ':lock'
  kids[2 * n - 1], kids[2 * n] = key .. ':dependencies', key .. ':unsuccessful'
  retries = retries or argv[at + 2] == 'retry'
  at = at + 6 + 2 * tonumber(argv[at + 5])
end
local owners = call('MGET', unpack(locks))
local childless = call('EXISTS', unpack(kids)) == 0
if retries then
  promoteDue(queue)
end

-- Jobs end about in the order they began, so that these often are the whole end of the list.
local cut = false
if n > 3 and childless then
  local last = {}
  for _, id in ipairs(call('LRANGE', active, -n, -1)) do
    last[id] = true
  end
  queue.activeIsList = true
  cut = true
  for k = 1, n do
    local id = ids[k]
    if not last[id] or owners[k] ~= argv[starts[k] + 1] then
      cut = false
      break
    end
    last[id] = nil
  end
end

-- Keys to delete, ids whose locks are among them, policies that bound the sets of finished jobs.
local gone, freed, bounds = {}, {}, nil
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

local codes, refusals, completedJobs, failedJobs = {}, false, 0, 0
for k = 1, n do
  local i, id, key = starts[k], ids[k], keys[k]
  local token, mode, settings, code = argv[i + 1], argv[i + 2], argv[i + 4], 0
  local hash = redis.pcall('HMGET', key, 'name', 'parentKey', 'deid', 'atm')
  if hash.err or (not hash[1] and call('EXISTS', key) == 0) then
    code = others().missing(settings)
  elseif not childless and mode == 'completed' and call('SCARD', kids[2 * k - 1]) ~= 0 then
    code = -4
  elseif not childless and mode == 'completed' and call('ZCARD', kids[2 * k]) ~= 0 then
    code = -9
  elseif token ~= '0' and owners[k] ~= token then
    code = others().refused(owners[k] and -6 or -2, settings, mode, key, hash[4])
  else
    if token ~= '0' then
      freed[#freed + 1], gone[#gone + 1] = id, locks[k]
    end
    local wasActive = cut or call('LREM', active, mode == 'wait' and 1 or -1, id) ~= 0
    queue.activeIsList = true
    if not wasActive then
      others().setFields(i, key)
      code = mode == 'wait' and 0 or -3
    elseif mode == 'completed' and not hash[2] and not hash[3] then
      completedJobs = completedJobs + 1
      if string.sub(settings, 1, 2) == '0,' then
        local g = #gone
        gone[g + 1], gone[g + 2], gone[g + 3], gone[g + 4] =
          key, key .. ':logs', key .. ':processed', key .. ':failed'
        if not childless then
          gone[g + 5], gone[g + 6] = kids[2 * k - 1], kids[2 * k]
        end
      else
        call('HSET', key, 'atm', (tonumber(hash[4] or 0) or 0) + 1, 'returnvalue', argv[i + 3],
          'finishedOn', nowText)
        call('ZADD', base .. 'completed', nowText, id)
        if string.sub(settings, 1, 2) ~= ',,' then
          bounds = bounds or {}
          bounds['completed,' .. settings] = true
        end
      end
      emit(queue, 'completed', 'jobId', id, 'returnvalue', argv[i + 3], 'prev', 'active')
    else
      completedJobs = completedJobs + (mode == 'completed' and 1 or 0)
      failedJobs = failedJobs + (mode == 'failed' and 1 or 0)
      others().leave(mode, i, id, key, hash[4])
    end
  end
  codes[k] = code
  refusals = refusals or code < 0
end
if cut then
  -- Not before: whatever went wrong with one of them, none would be lost.
  call('LTRIM', active, 0, -n - 1)
end
if worker.count < 0 then
  worker.count = refusals and 0 or -worker.count
end
if #freed > 0 then
  call('SREM', base .. 'stalled', unpack(freed))
end
if #gone > 0 then
  call('UNLINK', unpack(gone))
end
if bounds then
  others().bound()
end
local settled = completedJobs + failedJobs > 0
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
elseif queue.concurrency and call('EXISTS', waiting, base .. 'prioritized') > 0 then
  -- The slot that became free may be any worker's.
  wake(queue)
end
if settled and (worker.count == 0 or taken[4] == 1)
  and call('EXISTS', waiting, active, base .. 'prioritized') == 0 then
  emit(queue, 'drained')
end
return {codes, taken}
