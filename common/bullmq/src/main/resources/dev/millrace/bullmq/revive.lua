-- Makes a finished job ready again. Its parent waits for it once more.

local function waitAgain(key, state)
  local parentKey = call('HGET', key, 'parentKey')
  if not parentKey or call('EXISTS', parentKey) == 0 then
    return
  end
  local counted
  if state == 'failed' then
    counted = call('ZREM', parentKey .. ':unsuccessful', key)
      + call('HDEL', parentKey .. ':failed', key)
  else
    counted = call('HDEL', parentKey .. ':processed', key)
  end
  if counted > 0 then
    call('SADD', parentKey .. ':dependencies', key)
  end
end

-- The caller has taken the id out of the state's set.
local function revive(queue, id, state, front)
  local key = queue.base .. id
  call('HDEL', key, 'finishedOn', 'processedOn', 'defa',
    state == 'failed' and 'failedReason' or 'returnvalue')
  waitAgain(key, state)
  addReady(queue, id, tonumber(call('HGET', key, 'priority') or 0) or 0, front)
  emit(queue, 'waiting', 'jobId', id, 'prev', state)
end
