-- Takes a lock if it is free. A command that is sent twice, since its reply was lost, gets the same token.
-- KEYS: lock, newest token of all locks. ARGV: owner, lease in ms.
-- Returns {1, token} or {0, ms until the lease of the holder is over}.
local held = redis.call('GET', KEYS[1])
if held then
  local owner, token = held:match('^(%S+) (%d+)$')
  if owner ~= ARGV[1] then
    return { '0', tostring(redis.call('PTTL', KEYS[1])) }
  end
  return { '1', token }
end
-- The clock, so that tokens go on growing when Redis lost its data; but never back when the clock does.
local time = redis.call('TIME')
local token = math.max(time[1] * 1000000 + time[2], (tonumber(redis.call('GET', KEYS[2])) or 0) + 1)
local text = string.format('%.0f', token)
redis.call('SET', KEYS[2], text)
redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. text, 'PX', ARGV[2])
return { '1', text }
