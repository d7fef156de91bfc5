-- Adds trees of jobs, each as a whole or not at all.
--
-- ARGV after core's: per tree the number of its jobs, then 13 values a job, parents first:
--   base of its queue, id, name, data, opts, timestamp, delay, priority, lifo, parent key, parent
--   JSON, "parent" if it waits for children, deduplication JSON ("" where there is none)
-- Returns per tree the ids of its jobs, or {code, number of the job that is refused}.

-- Returns why a tree must not be added, before anything is written.
local function refusal(jobs)
  local parents = {}
  for i, job in ipairs(jobs) do
    local key, parentKey = job.queue.base .. job.id, job.parentKey
    if parentKey ~= '' and not parents[parentKey] and call('EXISTS', parentKey) == 0 then
      return {-5, i}
    end
    local known = parents[key]
    if not known and call('EXISTS', key) == 1 then
      known = call('HGET', key, 'parentKey') or ''
    end
    if known and known ~= '' and parentKey ~= '' and known ~= parentKey
      and (parents[known] or call('EXISTS', known) == 1) then
      return {-7, i}
    end
    parents[key] = parentKey ~= '' and parentKey or known or ''
  end
  return nil
end

-- A job of that id exists: it becomes a child of this parent too. The parent is not released before
-- the whole tree is there.
local function adopt(job, key)
  if job.parentKey ~= '' then
    if call('ZSCORE', job.queue.base .. 'completed', job.id) then
      call('HSET', job.parentKey .. ':processed', key, call('HGET', key, 'returnvalue') or 'null')
    else
      call('SADD', job.parentKey .. ':dependencies', key)
    end
    call('HSET', key, 'parentKey', job.parentKey, 'parent', job.parent)
  end
  emit(job.queue, 'duplicated', 'jobId', job.id)
  return job.id
end

local function add(job)
  local queue = job.queue
  local key = queue.base .. job.id
  call('INCR', queue.base .. 'id')
  if call('EXISTS', key) == 1 then
    return adopt(job, key)
  end
  if job.deduplication ~= '' then
    local de = cjson.decode(job.deduplication)
    job.deduplicationId = de.id
    local owner = deduplicate(queue, de, job.id, job)
    if owner then
      return owner
    end
  end
  storeJob(queue, job.id, job)
  if job.waitsForChildren then
    call('ZADD', queue.base .. 'waiting-children', job.timestamp, job.id)
    emit(queue, 'waiting-children', 'jobId', job.id)
  else
    enqueue(queue, job.id, job)
  end
  if job.parentKey ~= '' then
    call('SADD', job.parentKey .. ':dependencies', key)
  end
  return job.id
end

local function addTree(jobs)
  local refused = refusal(jobs)
  if refused then
    return refused
  end
  local ids, released = {}, {}
  for i, job in ipairs(jobs) do
    ids[i] = add(job)
  end
  for _, job in ipairs(jobs) do
    if job.parentKey ~= '' and not released[job.parentKey] then
      released[job.parentKey] = true
      local parentQueue, parentId = parentOf(job.parentKey, job.parent)
      releaseIfNothingPending(parentQueue, parentId)
    end
  end
  return ids
end

local guarded = {}
local function jobAt(i)
  local base = ARGV[i]
  if not guarded[base] then
    guarded[base] = guard(queueAt(base))
  end
  return {
    queue = guarded[base], id = ARGV[i + 1], name = ARGV[i + 2], data = ARGV[i + 3],
    opts = ARGV[i + 4], timestamp = ARGV[i + 5], delay = ARGV[i + 6], priority = ARGV[i + 7],
    lifo = ARGV[i + 8] == '1', parentKey = ARGV[i + 9], parent = ARGV[i + 10],
    waitsForChildren = ARGV[i + 11] == 'parent', deduplication = ARGV[i + 12],
  }
end

local trees = {}
local i = NEXT_ARG
while i <= #ARGV do
  local jobs = {}
  for n = 1, tonumber(ARGV[i]) do
    jobs[n] = jobAt(i + 1 + 13 * (n - 1))
  end
  trees[#trees + 1] = jobs
  i = i + 1 + 13 * #jobs
end
local replies = {}
for n, jobs in ipairs(trees) do
  replies[n] = addTree(jobs)
end
return replies
