-- Puts back the jobs of workers that went silent. ARGV after core's: how often that may happen to
-- a job, interval in ms. Returns the ids put back, then the hashes of the jobs failed, each after its
-- id.
local queue = guard(queueAt(ARGV[1]))
local base, max, interval = queue.base, tonumber(ARGV[NEXT_ARG]), ARGV[NEXT_ARG + 1]
if not call('SET', base .. 'stalled-check', nowText, 'NX', 'PX', interval) then
  return {{}}
end
call('XTRIM', base .. 'events', 'MAXLEN', '~', queue.maxEvents)

local function timesStalled(key)
  local times = call('HINCRBY', key, 'stc', 1)
  if v5 then
    -- Workers before 5.49 count in a field of their own.
    times = math.max(times, call('HINCRBY', key, 'stalledCounter', 1))
  end
  return times
end

local function isScheduled(key)
  local scheduler = call('HGET', key, 'rjk')
  return scheduler and (call('EXISTS', base .. 'repeat:' .. scheduler) == 1
    or call('ZSCORE', base .. 'repeat', scheduler))
end

-- Workers before 5.53.2 do not know of deferred failures.
local function failNow(id, key, reason)
  local hash = call('HMGET', key, 'parentKey', 'parent', 'opts', 'deid')
  local ok, opts = pcall(cjson.decode, hash[3] or '{}')
  local keepFailed = ok and type(opts) == 'table' and opts.removeOnFail
  if hash[4] then
    releaseDeduplication(queue, id, hash[4])
  end
  emit(queue, 'failed', 'jobId', id, 'prev', 'active', 'failedReason', reason)
  if hash[1] then
    childFailed(key, hash[1], hash[2], reason)
  end
  if keepFailed == true or keepFailed == 0 then
    deleteJobKeys(key)
    detach(queue, key, hash[1], hash[2])
  else
    call('ZADD', base .. 'failed', nowText, id)
    call('HSET', key, 'failedReason', reason, 'finishedOn', nowText)
  end
end

local stalled, failed = {}, {}
local suspects = call('SMEMBERS', base .. 'stalled')
if #suspects > 0 then
  call('DEL', base .. 'stalled')
end
for _, id in ipairs(suspects) do
  local key = base .. id
  if string.sub(id, 1, 2) ~= '0:' and call('EXISTS', key .. ':lock') == 0
    and call('LREM', base .. 'active', 1, id) > 0 and call('TYPE', key).ok == 'hash' then
    local tooOften = timesStalled(key) > max and not isScheduled(key)
    if tooOften and failEagerly then
      failed[#failed + 1] = id
      failed[#failed + 1] = call('HGETALL', key)
      failNow(id, key, 'job stalled more than allowable limit')
    else
      if tooOften then
        call('HSET', key, 'defa', 'job stalled more than allowable limit')
      end
      addReady(queue, id, 0, true)
      emit(queue, 'waiting', 'jobId', id, 'prev', 'active')
      emit(queue, 'stalled', 'jobId', id)
      stalled[#stalled + 1] = id
    end
  end
end
local active = call('LRANGE', base .. 'active', 0, -1)
for from = 1, #active, 5000 do
  call('SADD', base .. 'stalled', unpack(active, from, math.min(from + 4999, #active)))
end
return {stalled, unpack(failed)}
