-- Returns per job what is known of its end: {-1} nothing, {0} not finished, {1, return value},
-- {2, reason}. The end of a job that is gone is looked up in the last so many events.
-- ARGV: base, how many events to look at, ids.
local base, budget = ARGV[1], tonumber(ARGV[2])
local outcomes, missing, left = {}, {}, 0
for i = 3, #ARGV do
  local id = ARGV[i]
  if redis.call('EXISTS', base .. id) == 0 then
    outcomes[i - 2] = {-1}
    missing[id] = i - 2
    left = left + 1
  elseif redis.call('ZSCORE', base .. 'completed', id) then
    outcomes[i - 2] = {1, redis.call('HGET', base .. id, 'returnvalue') or 'null'}
  elseif redis.call('ZSCORE', base .. 'failed', id) then
    outcomes[i - 2] = {2, redis.call('HGET', base .. id, 'failedReason') or ''}
  else
    outcomes[i - 2] = {0}
  end
end

local function lookAt(fields)
  local event = {}
  for f = 1, #fields, 2 do
    event[fields[f]] = fields[f + 1]
  end
  local index = missing[event.jobId or '']
  if not index then
    return
  end
  if event.event == 'completed' then
    outcomes[index] = {1, event.returnvalue or 'null'}
  elseif event.event == 'failed' then
    outcomes[index] = {2, event.failedReason or ''}
  elseif event.event ~= 'added' then
    return
  end
  missing[event.jobId] = nil
  left = left - 1
end

local to = '+'
while left > 0 and budget > 0 do
  local entries = redis.call('XREVRANGE', base .. 'events', to, '-', 'COUNT', 500)
  for _, entry in ipairs(entries) do
    lookAt(entry[2])
  end
  if #entries < 500 then
    break
  end
  budget = budget - 500
  to = '(' .. entries[#entries][1]
end
return outcomes
