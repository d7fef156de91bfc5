-- Returns {id, time of the next run, {field, value…}} per job scheduler. ARGV: base, then "one" and
-- an id, or "asc" or "desc" (by the next run's time) and from where to where, counted from 0.
-- With "count" returns how many there are.
local base, what = ARGV[1], ARGV[2]
local repeats = base .. 'repeat'
local found = {}
local function add(id, time)
  local fields = redis.call('HGETALL', base .. 'repeat:' .. id)
  if time and #fields > 0 then
    found[#found + 1] = {id, time, fields}
  end
end

if what == 'count' then
  return {redis.call('ZCARD', repeats)}
end
if what == 'one' then
  add(ARGV[3], redis.call('ZSCORE', repeats, ARGV[3]))
  return found
end
local command = what == 'asc' and 'ZRANGE' or 'ZREVRANGE'
local ids = redis.call(command, repeats, ARGV[3], ARGV[4], 'WITHSCORES')
for i = 1, #ids, 2 do
  add(ids[i], ids[i + 1])
end
return found
