-- Deletes jobs for good.

-- A scheduler's next run: without it the scheduler would stand still.
local function isNextRun(queue, id)
  if string.sub(id, 1, 7) ~= 'repeat:' then
    return false
  end
  local scheduler = call('HGET', queue.base .. id, 'rjk')
  local next = scheduler and call('ZSCORE', queue.base .. 'repeat', scheduler)
  return next and id == 'repeat:' .. scheduler .. ':' .. string.format('%.0f', tonumber(next))
end

-- Deletes a job that the caller has taken out of its state. A parent that waited for nothing else
-- goes with it if it is in the same queue; elsewhere it runs. (As in Node, there is no event.)
local function purge(queue, id)
  local key = queue.base .. id
  local hash = call('HMGET', key, 'parentKey', 'parent', 'deid')
  local parentKey, parentJson, dedupId = unpack(hash)
  deleteJobKeys(key)
  if dedupId and call('GET', queue.base .. 'de:' .. dedupId) == id then
    call('DEL', queue.base .. 'de:' .. dedupId, queue.base .. 'dn:' .. dedupId)
  end
  if not parentKey or call('EXISTS', parentKey) == 0 then
    return
  end
  local parentQueue, parentId = parentOf(parentKey, parentJson)
  local dependencies = parentKey .. ':dependencies'
  if call('SREM', dependencies, key) == 0 or call('SCARD', dependencies) > 0
    or call('ZREM', parentQueue.base .. 'waiting-children', parentId) == 0 then
    return
  end
  if parentQueue.base == queue.base then
    return purge(queue, parentId)
  end
  addReady(parentQueue, parentId, 0, true)
end
