-- Returns how many children of a job are processed, pending, ignored and failed. ARGV: job key.
local key = ARGV[1]
return {
  redis.call('HLEN', key .. ':processed'), redis.call('SCARD', key .. ':dependencies'),
  redis.call('HLEN', key .. ':failed'), redis.call('ZCARD', key .. ':unsuccessful'),
}
