-- Reads a value, or makes the caller the one who computes it.
-- KEYS: generation, value, lease. ARGV: caller, lease in ms.
-- Returns {value, ms to live}, {1} when it is the caller's to compute, {0} when somebody else is at it.
local generation = (redis.call('GET', KEYS[1]) or '0') .. ' '
local value = redis.call('GET', KEYS[2])
if value and value:sub(1, #generation) == generation then
  return { value:sub(#generation + 1), tostring(redis.call('PTTL', KEYS[2])) }
end
local lease = redis.call('GET', KEYS[3])
-- Who computes for a generation that is gone is not waited for.
if lease and lease:sub(1, #generation) == generation and lease ~= generation .. ARGV[1] then
  return { '0' }
end
redis.call('SET', KEYS[3], generation .. ARGV[1], 'PX', ARGV[2])
return { '1' }
