-- Returns per job where some of its children are: the base of the queue, the id, and so on.
-- ARGV after core's: how many children of each kind, job keys.
local most = tonumber(ARGV[NEXT_ARG])

local function addFirst(children, keys, step)
  for i = 1, math.min(#keys, most * step), step do
    local base, id = splitKey(keys[i])
    if base then
      children[#children + 1] = base
      children[#children + 1] = id
    end
  end
end

local replies = {}
for i = NEXT_ARG + 1, #ARGV do
  local key, children = ARGV[i], {}
  addFirst(children, call('HSCAN', key .. ':processed', 0, 'COUNT', most)[2], 2)
  addFirst(children, call('SSCAN', key .. ':dependencies', 0, 'COUNT', most)[2], 1)
  addFirst(children, call('HSCAN', key .. ':failed', 0, 'COUNT', most)[2], 2)
  addFirst(children, call('ZRANGE', key .. ':unsuccessful', 0, most - 1), 1)
  replies[#replies + 1] = children
end
return replies
