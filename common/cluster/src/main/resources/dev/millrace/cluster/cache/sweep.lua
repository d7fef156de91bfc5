-- Deletes values of generations that are gone. KEYS: generation, then values.
local generation = (redis.call('GET', KEYS[1]) or '0') .. ' '
for i = 2, #KEYS do
  local value = redis.call('GETRANGE', KEYS[i], 0, #generation - 1)
  if value ~= generation then
    redis.call('UNLINK', KEYS[i])
  end
end
return 1
