-- Runs a finished job again. ARGV after core's: id, "completed" or "failed", "1" to forget the
-- attempts made, "1" to forget those started. Returns {0}, {-1} if there is no such job, {-3} if it
-- is not in that state.
local queue = guard(queueAt(ARGV[1]))
local id, state = ARGV[NEXT_ARG], ARGV[NEXT_ARG + 1]
local key = queue.base .. id
if call('EXISTS', key) == 0 then
  return {-1}
end
if call('ZREM', queue.base .. state, id) == 0 then
  return {-3}
end
if ARGV[NEXT_ARG + 2] == '1' then
  call('HDEL', key, 'atm', 'attemptsMade')
end
if ARGV[NEXT_ARG + 3] == '1' then
  call('HDEL', key, 'ats')
end
local ok, opts = pcall(cjson.decode, call('HGET', key, 'opts') or '{}')
revive(queue, id, state, ok and type(opts) == 'table' and opts.lifo == true)
return {0}
