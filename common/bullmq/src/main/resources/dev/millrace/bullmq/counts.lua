-- Returns how many jobs are waiting, active, delayed, prioritized, waiting for children, completed
-- and failed. ARGV: base.
local base = ARGV[1]
return {
  redis.call('LLEN', base .. 'wait') + redis.call('LLEN', base .. 'paused'),
  redis.call('LLEN', base .. 'active'),
  redis.call('ZCARD', base .. 'delayed'),
  redis.call('ZCARD', base .. 'prioritized'),
  redis.call('ZCARD', base .. 'waiting-children'),
  redis.call('ZCARD', base .. 'completed'),
  redis.call('ZCARD', base .. 'failed'),
}
