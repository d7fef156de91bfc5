-- Ends a computation, and stores its result unless the value was set or removed meanwhile.
-- KEYS: generation, value, lease. ARGV: caller, 1 if there is a result, that one, ms to live or empty.
-- Returns whether it was stored.
local generation = (redis.call('GET', KEYS[1]) or '0') .. ' '
if redis.call('GET', KEYS[3]) ~= generation .. ARGV[1] then
  return 0
end
redis.call('DEL', KEYS[3])
if ARGV[2] ~= '1' then
  return 0
end
if ARGV[4] == '' then
  redis.call('SET', KEYS[2], generation .. ARGV[3])
else
  redis.call('SET', KEYS[2], generation .. ARGV[3], 'PX', ARGV[4])
end
return 1
