-- Changes the queue's meta hash. ARGV after core's: names and values, "" to remove. Returns {0}.
for i = NEXT_ARG, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    call('HDEL', KEYS[1], ARGV[i])
  else
    call('HSET', KEYS[1], ARGV[i], ARGV[i + 1])
  end
end
-- A limit that is gone or higher lets workers start what waited for it.
local queue = queueAt(ARGV[1])
if call('EXISTS', queue.base .. 'wait', queue.base .. 'prioritized') > 0 then
  wake(queue)
end
return {0}
