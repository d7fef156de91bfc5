-- Lets a computation go on. KEYS: generation, lease. ARGV: caller, lease in ms.
local generation = (redis.call('GET', KEYS[1]) or '0') .. ' '
if redis.call('GET', KEYS[2]) ~= generation .. ARGV[1] then
  return 0
end
return redis.call('PEXPIRE', KEYS[2], ARGV[2])
