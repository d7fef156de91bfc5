-- Counts the jobs that finish, and how many did per minute, newest first.
local function recordFinished(queue, status, finished, mostPoints)
  if finished == 0 then
    return
  end
  local key = queue.base .. 'metrics:' .. status
  local count = call('HINCRBY', key, 'count', finished) - finished
  local prev = call('HMGET', key, 'prevTS', 'prevCount')
  if not prev[1] then
    call('HSET', key, 'prevTS', nowText, 'prevCount', '0')
    return
  end
  local minutes = math.floor(now / 60000) - math.floor(tonumber(prev[1]) / 60000)
  local points = math.min(minutes, mostPoints)
  if points <= 0 then
    return
  end
  call('LPUSH', key .. ':data', count - (tonumber(prev[2] or nil) or 0))
  for _ = 2, points do
    call('LPUSH', key .. ':data', 0)
  end
  call('LTRIM', key .. ':data', 0, mostPoints - 1)
  call('HSET', key, 'prevTS', nowText, 'prevCount', count)
end
