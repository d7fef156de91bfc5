-- Gives a worker up to so many jobs. ARGV after core's: take's worker. Returns take's reply.
return take(queueAt(ARGV[1]), workerAt(NEXT_ARG))
