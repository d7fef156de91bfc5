-- Lets a parent no longer wait for a child. ARGV after core's: the child's id. Returns {1} if it
-- did wait, {0} if not, {-1} if there is no such child, {-5, parent's key} if there is no parent.
local queue = guard(queueAt(ARGV[1]))
local key = queue.base .. ARGV[NEXT_ARG]
if call('EXISTS', key) == 0 then
  return {-1}
end
local parentKey, parentJson = unpack(call('HMGET', key, 'parentKey', 'parent'))
if not parentKey then
  return {0}
end
if call('EXISTS', parentKey) == 0 then
  return {-5, parentKey}
end
if call('SISMEMBER', parentKey .. ':dependencies', key) == 0 then
  return {0}
end
detach(queue, key, parentKey, parentJson)
call('HDEL', key, 'parentKey', 'parent')
return {1}
