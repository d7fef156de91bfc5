-- Returns {id, {field, value…}, bytes of data, bytes of the return value} for a range of jobs of
-- each state, the newest first. Data and return values above a size are left out; bytes are those
-- of what was left out, else 0. Ids whose job is gone are skipped.
-- ARGV: base, the size, the first and the last of the range, then how the names of the keys end.
local call = redis.call
local base, most, first, last = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local found, seen = {}, {}

local function add(id)
  local key = base .. id
  local data, result = call('HSTRLEN', key, 'data'), call('HSTRLEN', key, 'returnvalue')
  if data <= most and result <= most then
    local fields = call('HGETALL', key)
    if #fields > 0 then
      found[#found + 1] = {id, fields, 0, 0}
    end
    return
  end
  local fields = {}
  for _, name in ipairs(call('HKEYS', key)) do
    if not (name == 'data' and data > most) and not (name == 'returnvalue' and result > most) then
      fields[#fields + 1] = name
      fields[#fields + 1] = call('HGET', key, name)
    end
  end
  found[#found + 1] = {id, fields, data > most and data or 0, result > most and result or 0}
end

for i = 5, #ARGV do
  local suffix = ARGV[i]
  local isList = suffix == 'wait' or suffix == 'paused' or suffix == 'active'
  for _, id in ipairs(call(isList and 'LRANGE' or 'ZREVRANGE', base .. suffix, first, last)) do
    if not seen[id] then
      seen[id] = true
      add(id)
    end
  end
end
return found
