-- Pauses a queue or lets it go on. ARGV after core's: "1" to pause, "1" if that is done and only jobs
-- are left to be moved. Returns {1} if some still are, else {0}.
local queue = queueAt(ARGV[1])
local base = queue.base
local pausing, again = ARGV[NEXT_ARG] == '1', ARGV[NEXT_ARG + 1] == '1'
local SLICE, SLICES = 5000, 10

-- Appends one list to the next-to-run end of another, in order; a rename would lose what is there.
-- Returns whether some of it is left: clients of 5.x would lose that, so for them all goes at once.
local function merge(from, to)
  if call('EXISTS', to) == 0 then
    call('RENAME', from, to)
    return false
  end
  local slices = 0
  while v5 or slices < SLICES do
    local ids = call('LRANGE', from, 0, SLICE - 1)
    if #ids == 0 then
      return false
    end
    call('RPUSH', to, unpack(ids))
    call('LTRIM', from, #ids, -1)
    slices = slices + 1
  end
  return call('EXISTS', from) == 1
end

if pausing then
  call('HSET', KEYS[1], 'paused', '1')
  if v5 and call('EXISTS', base .. 'wait') == 1 then
    merge(base .. 'wait', base .. 'paused')
  end
  call('DEL', base .. 'marker')
  emit(queue, 'paused')
  return {0}
end
if not again then
  call('HDEL', KEYS[1], 'paused')
  queue.paused = false
end
local left = call('EXISTS', base .. 'paused') == 1 and merge(base .. 'paused', base .. 'wait')
if call('EXISTS', base .. 'wait', base .. 'prioritized') > 0 then
  -- Also when global concurrency is reached, as Node does: a worker that looks in vain does no harm.
  call('ZADD', base .. 'marker', 0, '0')
else
  wakeWhenDue(queue)
end
if not again then
  emit(queue, 'resumed')
end
return {left and 1 or 0}
