-- Returns {count, prevTS, prevCount, number of points, points}. ARGV: the metrics' key, from where
-- to where, counted from 0 (newest).
local key = ARGV[1]
local hash = redis.call('HMGET', key, 'count', 'prevTS', 'prevCount')
return {
  hash[1] or '0', hash[2] or '0', hash[3] or '0', redis.call('LLEN', key .. ':data'),
  redis.call('LRANGE', key .. ':data', ARGV[2], ARGV[3]),
}
