-- Stores jobs and puts them where they belong.

local function storeJob(queue, id, job)
  local fields = {'name', job.name, 'data', job.data, 'opts', job.opts, 'timestamp', job.timestamp,
    'delay', job.delay, 'priority', job.priority}
  local n = #fields
  if job.parentKey and job.parentKey ~= '' then
    fields[n + 1], fields[n + 2] = 'parentKey', job.parentKey
    n = n + 2
  end
  if job.parent and job.parent ~= '' then
    fields[n + 1], fields[n + 2] = 'parent', job.parent
    n = n + 2
  end
  if job.scheduler and job.scheduler ~= '' then
    fields[n + 1], fields[n + 2] = 'rjk', job.scheduler
    n = n + 2
  end
  if job.deduplicationId and job.deduplicationId ~= '' then
    fields[n + 1], fields[n + 2] = 'deid', job.deduplicationId
  end
  call('HSET', queue.base .. id, unpack(fields))
  emit(queue, 'added', 'jobId', id, 'name', job.name)
end

local function enqueue(queue, id, job)
  local delay, priority = tonumber(job.delay) or 0, tonumber(job.priority) or 0
  if delay > 0 then
    -- From the job's own time, which its producer may have set.
    addDelayed(queue, id, tonumber(job.timestamp) + delay)
    return
  end
  addReady(queue, id, priority, job.lifo)
  emit(queue, 'waiting', 'jobId', id)
end
