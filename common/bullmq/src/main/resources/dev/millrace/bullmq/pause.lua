-- Pauses a queue or lets it go on. ARGV after core's: "1" to pause. Returns 0.
local queue = queueAt(ARGV[1])
local base = queue.base

-- Appends one list to the next-to-run end of another, in order; a rename would lose what is there.
local function merge(from, to)
  if call('EXISTS', to) == 0 then
    call('RENAME', from, to)
    return
  end
  while true do
    local ids = call('LRANGE', from, 0, 4999)
    if #ids == 0 then
      return
    end
    call('RPUSH', to, unpack(ids))
    call('LTRIM', from, #ids, -1)
  end
end

if ARGV[NEXT_ARG] == '1' then
  call('HSET', KEYS[1], 'paused', '1')
  if v5 and call('EXISTS', base .. 'wait') == 1 then
    merge(base .. 'wait', base .. 'paused')
  end
  call('DEL', base .. 'marker')
  emit(queue, 'paused')
  return {0}
end
call('HDEL', KEYS[1], 'paused')
queue.paused = false
if call('EXISTS', base .. 'paused') == 1 then
  merge(base .. 'paused', base .. 'wait')
end
if call('EXISTS', base .. 'wait', base .. 'prioritized') > 0 then
  wake(queue)
else
  wakeWhenDue(queue)
end
emit(queue, 'resumed')
return {0}
