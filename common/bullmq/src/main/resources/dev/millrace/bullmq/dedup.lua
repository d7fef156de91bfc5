-- Deduplication: who owns an id, what happens to a job that comes while it is owned, and what the
-- end of the owner releases.

local function emitDeduplicated(queue, id, dedupId, other)
  if v5 then
    emit(queue, 'debounced', 'jobId', id, 'debounceId', dedupId)
  end
  emit(queue, 'deduplicated', 'jobId', id, 'deduplicationId', dedupId, 'deduplicatedJobId', other)
end

-- Keeps the newest refused job, to be added when the active owner ends.
local function keepForLater(queue, de, owner, id, job)
  if not de.keepLastIfActive or not call('LPOS', queue.base .. 'active', owner) then
    return false
  end
  local key = queue.base .. 'dn:' .. de.id
  local fields = {'name', job.name, 'data', job.data, 'opts', job.opts, 'jid', id}
  local function set(field, value)
    if value and value ~= '' then
      fields[#fields + 1] = field
      fields[#fields + 1] = value
    end
  end
  set('pk', job.parentKey)
  set('pd', job.parent)
  set('pdk', job.parentKey ~= '' and job.parentKey .. ':dependencies' or '')
  set('rjk', job.scheduler)
  call('DEL', key)
  call('HSET', key, unpack(fields))
  call('PERSIST', queue.base .. 'de:' .. de.id)
  emitDeduplicated(queue, owner, de.id, id)
  return true
end

local function claim(queue, de, id)
  local key = queue.base .. 'de:' .. de.id
  if de.ttl and de.ttl > 0 and not de.keepLastIfActive then
    call('SET', key, id, 'PX', de.ttl)
  else
    call('SET', key, id)
  end
end

-- A delayed owner gives way to the new job; any other stays.
local function replaceOwner(queue, de, owner, id, job)
  if call('ZREM', queue.base .. 'delayed', owner) == 0 then
    keepForLater(queue, de, owner, id, job)
    return owner
  end
  local key = queue.base .. 'de:' .. de.id
  deleteJobKeys(queue.base .. owner)
  emit(queue, 'removed', 'jobId', owner, 'prev', 'delayed')
  emitDeduplicated(queue, id, de.id, owner)
  if de.ttl and de.ttl > 0 and not de.extend and not de.keepLastIfActive then
    call('SET', key, id, 'KEEPTTL')
  else
    claim(queue, de, id)
  end
  call('DEL', queue.base .. 'dn:' .. de.id)
  return nil
end

-- Returns the id of the job that owns the deduplication id; nil lets the new job in.
local function deduplicate(queue, de, id, job)
  local key = queue.base .. 'de:' .. de.id
  local owner = call('GET', key)
  if owner and call('PTTL', key) == -1 and call('EXISTS', queue.base .. owner) == 0 then
    -- The owner is gone without a trace and would block the id for good.
    call('DEL', key, queue.base .. 'dn:' .. de.id)
    owner = nil
  end
  if not owner then
    claim(queue, de, id)
    return nil
  end
  if de.replace then
    return replaceOwner(queue, de, owner, id, job)
  end
  if keepForLater(queue, de, owner, id, job) then
    return owner
  end
  if de.extend and de.ttl and de.ttl > 0 then
    claim(queue, de, owner)
  end
  emitDeduplicated(queue, owner, de.id, id)
  if de.reschedule and call('ZSCORE', queue.base .. 'delayed', owner) then
    local delay = tonumber(job.delay) or 0
    call('HSET', queue.base .. owner, 'delay', delay)
    addDelayed(queue, owner, tonumber(job.timestamp) + delay)
  end
  return owner
end

-- The owner ended: frees its id, and adds the job that was kept for later.
local function releaseDeduplication(queue, id, dedupId)
  local key = queue.base .. 'de:' .. dedupId
  local ttl = call('PTTL', key)
  if ttl == 0 or (ttl == -1 and call('GET', key) == id) then
    call('DEL', key)
  end
  local laterKey = queue.base .. 'dn:' .. dedupId
  local later = call('HMGET', laterKey, 'name', 'data', 'opts', 'jid', 'pk', 'pd', 'pdk', 'rjk')
  if not later[1] then
    return
  end
  local counter = call('INCR', queue.base .. 'id')
  local newId = later[4] or tostring(counter)
  -- Others wrote it: what is no JSON loses its options, not the job.
  local readable, opts = pcall(cjson.decode, later[3] or '{}')
  if not readable or type(opts) ~= 'table' then
    later[3], opts = '{}', {}
  end
  local job = {
    name = later[1], data = later[2] or '{}', opts = later[3] or '{}', timestamp = nowText,
    delay = opts.delay or 0, priority = opts.priority or 0, lifo = opts.lifo,
    parentKey = later[5], parent = later[6], scheduler = later[8], deduplicationId = dedupId,
  }
  call('SET', key, newId)
  call('DEL', laterKey)
  storeJob(queue, newId, job)
  enqueue(queue, newId, job)
  if later[7] then
    call('SADD', later[7], queue.base .. newId)
  end
end
