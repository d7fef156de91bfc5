-- Gives a worker up to so many jobs. ARGV after core's: take's worker; then, if another command held
-- this one up, how far the server's clock is ahead of the caller's, in ms. Returns take's reply.
local ahead = tonumber(ARGV[NEXT_ARG + WORKER_ARGS])
if ahead then
  local time = redis.pcall('TIME')
  -- A user who may not ask for the time gets that of the call.
  if not time.err then
    now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) - ahead
    nowText = string.format('%.0f', now)
  end
end
return take(queueAt(ARGV[1]), workerAt(NEXT_ARG))
