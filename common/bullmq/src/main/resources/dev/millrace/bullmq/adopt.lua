-- What few jobs need when they are added: ids that exist already, deduplication, failures.
--@include parents
--@include dedup

-- A job of that id exists: it may become a child of one more parent, if it has none.
local function adopt(id, job)
  local key = queue.base .. id
  local parentKey = call('HGET', key, 'parentKey')
  if parentKey and job.parentKey ~= '' and parentKey ~= job.parentKey
    and call('EXISTS', parentKey) == 1 then
    return -7
  end
  if job.parentKey ~= '' then
    if call('ZSCORE', queue.base .. 'completed', id) then
      local parentQueue, parentId = parentOf(job.parentKey, job.parent)
      call('HSET', job.parentKey .. ':processed', key, call('HGET', key, 'returnvalue') or 'null')
      releaseIfNothingPending(parentQueue, parentId)
    else
      call('SADD', job.parentKey .. ':dependencies', key)
    end
    call('HSET', key, 'parentKey', job.parentKey, 'parent', job.parent)
  end
  emit(queue, 'duplicated', 'jobId', id)
  return id
end

-- A job could be stored only in part: nothing of it stays. Any of its places may be of a wrong type.
local function takeBack(queue, job)
  local id, dedupId = job.storedAs, job.deduplicationId
  redis.pcall('LREM', queue.ready, 1, id)
  for _, set in ipairs({'prioritized', 'delayed', 'waiting-children'}) do
    redis.pcall('ZREM', queue.base .. set, id)
  end
  if dedupId and redis.pcall('GET', queue.base .. 'de:' .. dedupId) == id then
    call('DEL', queue.base .. 'de:' .. dedupId)
  end
  deleteJobKeys(queue.base .. id)
end

return {adopt = adopt, deduplicate = deduplicate, takeBack = takeBack}
