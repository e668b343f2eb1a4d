-- ARGV: host, now, gap. Returns the instant of the turn.
local host, now, gap = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local booked = P .. 'booked'
local free = math.max(number(call('ZSCORE', P .. 'hold', host)), number(call('ZSCORE', booked, host)))
if free > now then return string.format('%.0f', free) end
if gap > 0 then
  call('ZADD', booked, now + gap, host)
  -- A few that are long over go with each that comes; a minute later, since clocks differ.
  local over = call('ZRANGEBYSCORE', booked, '-inf', now - 60000000, 'LIMIT', 0, 10)
  if over[1] then call('ZREM', booked, unpack(over)) end
end
return ARGV[2]
