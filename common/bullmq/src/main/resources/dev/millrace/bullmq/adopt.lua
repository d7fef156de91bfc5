-- What few jobs need when they are added: ids that exist already, deduplication.
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

return {adopt = adopt, deduplicate = deduplicate}
