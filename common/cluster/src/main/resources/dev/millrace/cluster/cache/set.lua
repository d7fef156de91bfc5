-- Stores values; what is being computed for them meanwhile is not wanted any more.
-- KEYS: generation, then value and lease of each. ARGV: ms to live or empty, then the values.
local generation = (redis.call('GET', KEYS[1]) or '0') .. ' '
for i = 2, #ARGV do
  redis.call('DEL', KEYS[2 * i - 1])
  if ARGV[1] == '' then
    redis.call('SET', KEYS[2 * i - 2], generation .. ARGV[i])
  else
    redis.call('SET', KEYS[2 * i - 2], generation .. ARGV[i], 'PX', ARGV[1])
  end
end
return 1
