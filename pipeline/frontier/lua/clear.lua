-- Forgets the filling and every thing in one step, so that no count outlives what it counts. The memory itself is
-- freed by the server beside its work.
call('DEL', P .. 'filled', P .. 'refilling')
local names = { P .. 'count', P .. 'hold', P .. 'booked' }
for _, kind in ipairs({ 'feed', 'entry' }) do
  for _, part in ipairs({ 'due:', 'leased:', 'hosts:', 'asleep:', 'live:' }) do
    names[#names + 1] = P .. part .. kind
  end
  for bucket = 0, BUCKETS - 1 do
    names[#names + 1] = P .. 'thing:' .. kind .. ':' .. bucket
    names[#names + 1] = P .. 'home:' .. kind .. ':' .. bucket
  end
end
for first = 1, #names, 1000 do
  call('UNLINK', unpack(names, first, math.min(first + 999, #names)))
end
