-- Renews locks. ARGV after core's: lock in ms, then id and token per job. Returns the ids of jobs
-- that the caller does not own (any more).
local queue = queueAt(ARGV[1])
local lost, kept = {}, {}
for i = NEXT_ARG + 1, #ARGV, 2 do
  local lock = queue.base .. ARGV[i] .. ':lock'
  if call('GET', lock) == ARGV[i + 1] then
    call('PEXPIRE', lock, ARGV[NEXT_ARG])
    kept[#kept + 1] = ARGV[i]
  else
    lost[#lost + 1] = ARGV[i]
  end
end
if #kept > 0 then
  call('SREM', queue.base .. 'stalled', unpack(kept))
end
return lost
