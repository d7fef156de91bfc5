-- Returns, for each queue, how many jobs are waiting, active, delayed, prioritized, waiting for
-- children, completed and failed; whether it is paused; its concurrency and its rate limit ("" if
-- there is none); for how many ms the limit holds now; and how many schedulers it has. ARGV: bases.
local call = redis.call
local found = {}
for i, base in ipairs(ARGV) do
  local meta = call('HMGET', base .. 'meta', 'paused', 'concurrency', 'max', 'duration')
  local started = tonumber(call('GET', base .. 'limiter') or nil)
  local limited = 0
  if started and started >= (tonumber(meta[3] or nil) or 0) then
    limited = math.max(0, call('PTTL', base .. 'limiter'))
  end
  found[i] = {
    call('LLEN', base .. 'wait') + call('LLEN', base .. 'paused'),
    call('LLEN', base .. 'active'),
    call('ZCARD', base .. 'delayed'),
    call('ZCARD', base .. 'prioritized'),
    call('ZCARD', base .. 'waiting-children'),
    call('ZCARD', base .. 'completed'),
    call('ZCARD', base .. 'failed'),
    meta[1] and 1 or 0,
    meta[2] or '',
    meta[3] or '',
    meta[4] or '',
    limited,
    call('ZCARD', base .. 'repeat'),
  }
end
return found
