-- Deletes a paused queue, as much of it as one call may take. ARGV after core's: "1" to delete
-- active jobs too, how many jobs at most.
-- Returns {0}, {1} if there is more to do, {-1} if the queue is not paused, {-2} if jobs are active.
local queue = guard(queueAt(ARGV[1]))
local base = queue.base
if not queue.paused then
  return {-1}
end
if ARGV[NEXT_ARG] ~= '1' and call('LLEN', base .. 'active') > 0 then
  return {-2}
end
local left = tonumber(ARGV[NEXT_ARG + 1])

local function emptyList(suffix)
  local ids = call('LRANGE', base .. suffix, 0, left - 1)
  call('LTRIM', base .. suffix, #ids, -1)
  for _, id in ipairs(ids) do
    if suffix == 'active' then
      call('DEL', base .. id .. ':lock')
    end
    purge(queue, id)
  end
  left = left - #ids
end

local function emptySet(suffix)
  local ids = call('ZRANGE', base .. suffix, 0, left - 1)
  for _, id in ipairs(ids) do
    call('ZREM', base .. suffix, id)
    if suffix == 'repeat' then
      call('DEL', base .. 'repeat:' .. id)
    else
      purge(queue, id)
    end
  end
  left = left - #ids
end

local STEPS = {
  {emptyList, 'active'}, {emptySet, 'delayed'}, {emptySet, 'repeat'}, {emptySet, 'completed'},
  {emptyList, 'wait'}, {emptyList, 'paused'}, {emptySet, 'prioritized'}, {emptySet, 'failed'},
  {emptySet, 'waiting-children'},
}
for _, step in ipairs(STEPS) do
  if left > 0 then
    step[1](step[2])
  end
  if left <= 0 then
    return {1}
  end
end
call('UNLINK', base .. 'events', base .. 'delay', base .. 'priority', base .. 'stalled-check',
  base .. 'stalled', base .. 'id', base .. 'pc', base .. 'marker', base .. 'meta',
  base .. 'limiter', base .. 'metrics:completed', base .. 'metrics:completed:data',
  base .. 'metrics:failed', base .. 'metrics:failed:data')
return {0}
