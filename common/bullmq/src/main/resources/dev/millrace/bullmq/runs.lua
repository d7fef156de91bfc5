-- The runs of job schedulers: when the next one is due, what it is called and how it is stored.

-- Milliseconds as text; Lua's own conversion would round them.
local function millis(n)
  return string.format('%.0f', n)
end

local function runId(scheduler, time)
  return 'repeat:' .. scheduler .. ':' .. millis(time)
end

-- Returns when the next run of an interval is due, and where in the interval that is. A run that
-- comes late does not shift those that follow: they keep to the phase.
local function nextEvery(prev, every, offset, startDate)
  local function aligned()
    local slot = math.floor(now / every) * every + offset
    return slot <= now and slot + every or slot
  end
  local time
  if prev then
    time = prev + every
    if time < now then
      time = aligned()
    end
  elseif startDate then
    time = math.max(startDate, now)
  elseif offset > 0 then
    time = aligned()
  else
    time = now
  end
  return time, offset ~= 0 and offset or time % every
end

-- Reads what Java says of a run at ARGV i: scheduler, time ("" to count from the interval), the
-- beginning of its options and of their "repeat", priority, "1" to push in front, deduplication id.
local RUN_ARGS = 7
local function runAt(i)
  return {
    scheduler = ARGV[i], time = tonumber(ARGV[i + 1]), opts = ARGV[i + 2], rule = ARGV[i + 3],
    priority = ARGV[i + 4], lifo = ARGV[i + 5] == '1', deduplicationId = ARGV[i + 6],
  }
end

local function isStored(queue, run)
  return call('EXISTS', queue.base .. runId(run.scheduler, run.time)) == 1
end

-- Makes the run the scheduler's next one. Returns its id and its delay.
local function storeRun(queue, run)
  local id = runId(run.scheduler, run.time)
  local delay = millis(math.max(run.time - now, 0))
  call('ZADD', queue.base .. 'repeat', millis(run.time), run.scheduler)
  call('INCR', queue.base .. 'id')
  local job = {
    name = run.name, data = run.data, timestamp = nowText, delay = delay,
    priority = run.priority, lifo = run.lifo, scheduler = run.scheduler,
    deduplicationId = run.deduplicationId,
    -- The time of the run goes into prevMillis for workers before 5.58, which count from it.
    opts = run.opts .. ',"jobId":' .. cjson.encode(id) .. ',"delay":' .. delay
      .. ',"prevMillis":' .. millis(run.time) .. ',"repeat":' .. run.rule .. '}',
  }
  storeJob(queue, id, job)
  enqueue(queue, id, job)
  return id, delay
end
