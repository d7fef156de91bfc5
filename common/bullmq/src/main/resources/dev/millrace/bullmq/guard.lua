-- Refuses to touch a queue whose keys are of other types: a script that fails half way has changed
-- half of it.
local TYPES = {
  wait = 'list', paused = 'list', active = 'list', prioritized = 'zset', delayed = 'zset',
  ['waiting-children'] = 'zset', completed = 'zset', failed = 'zset', marker = 'zset',
  stalled = 'set', ['repeat'] = 'zset', events = 'stream', id = 'string', pc = 'string',
}

local function guard(queue)
  for suffix, expected in pairs(TYPES) do
    local actual = call('TYPE', queue.base .. suffix).ok
    if actual ~= 'none' and actual ~= expected then
      error('key ' .. queue.base .. suffix .. ' is a ' .. actual .. ' where a ' .. expected
        .. ' belongs; nothing was changed', 0)
    end
  end
  return queue
end
