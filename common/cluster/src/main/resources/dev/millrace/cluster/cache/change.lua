-- Replaces a value that is still what the caller read; its time to live stays.
-- KEYS: generation, value, lease. ARGV: 1 if there was one, that one, 1 if there is to be one, that one,
-- ms to live for one that is new or empty. Returns whether it was replaced.
local generation = (redis.call('GET', KEYS[1]) or '0') .. ' '
local value = redis.call('GET', KEYS[2])
if value and value:sub(1, #generation) ~= generation then
  value = false
end
if ARGV[1] == '1' then
  if value ~= generation .. ARGV[2] then
    return 0
  end
elseif value then
  return 0
end
redis.call('DEL', KEYS[3])
if ARGV[3] ~= '1' then
  redis.call('DEL', KEYS[2])
elseif value then
  redis.call('SET', KEYS[2], generation .. ARGV[4], 'KEEPTTL')
elseif ARGV[5] == '' then
  redis.call('SET', KEYS[2], generation .. ARGV[4])
else
  redis.call('SET', KEYS[2], generation .. ARGV[4], 'PX', ARGV[5])
end
return 1
