-- Returns per job the keys of some of its children. ARGV: how many of each kind, job keys.
local most = tonumber(ARGV[1])

local function addFirst(children, keys, step)
  for i = 1, math.min(#keys, most * step), step do
    children[#children + 1] = keys[i]
  end
end

local replies = {}
for i = 2, #ARGV do
  local key, children = ARGV[i], {}
  addFirst(children, redis.call('HSCAN', key .. ':processed', 0, 'COUNT', most)[2], 2)
  addFirst(children, redis.call('SSCAN', key .. ':dependencies', 0, 'COUNT', most)[2], 1)
  addFirst(children, redis.call('HSCAN', key .. ':failed', 0, 'COUNT', most)[2], 2)
  addFirst(children, redis.call('ZRANGE', key .. ':unsuccessful', 0, most - 1), 1)
  replies[#replies + 1] = children
end
return replies
