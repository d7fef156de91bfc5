-- Reads a value and how long it lives. KEYS: generation, value. Returns {value, ms}, or nothing.
local value = redis.call('GET', KEYS[2])
local generation = (redis.call('GET', KEYS[1]) or '0') .. ' '
if not value or value:sub(1, #generation) ~= generation then
  return {}
end
return { value:sub(#generation + 1), tostring(redis.call('PTTL', KEYS[2])) }
