-- ARGV: now, how many holds and leases to end. Returns 1 when more of them are over; else 0, feeds, due feeds, entries,
-- due entries, live leases, and the time of the next ('' for none).
local now, limit = ARGV[1], tonumber(ARGV[2])
if catch_up(now, limit) >= limit then return { 1 } end

local held = call('ZRANGE', P .. 'hold', 0, -1, 'WITHSCORES')
local reply, leases, next_at = { 0 }, 0, nil
local function sooner(at)
  if not next_at or at < next_at then next_at = at end
end

for _, kind in ipairs({ 'feed', 'entry' }) do
  local due = P .. 'due:' .. kind
  local known = number(call('HGET', P .. 'count', kind))
  local leased = call('ZCARD', P .. 'leased:' .. kind)
  local parked = known - call('ZCARD', due) - leased
  for i = 1, #held, 2 do
    local first = call('ZRANGE', parked_at(kind, held[i]), 0, 0, 'WITHSCORES')
    if first[1] then
      parked = parked - call('ZCARD', parked_at(kind, held[i]))
      sooner(math.max(tonumber(first[2]), tonumber(held[i + 1])))
    end
  end
  local first = call('ZRANGE', due, 0, 0, 'WITHSCORES')
  if first[1] then sooner(tonumber(first[2])) end
  if parked > 0 then
    first = call('ZRANGE', P .. 'hosts:' .. kind, 0, 0, 'WITHSCORES')
    sooner(tonumber(first[2] or now))
  end
  reply[#reply + 1] = known
  reply[#reply + 1] = call('ZCOUNT', due, '-inf', now) + math.max(parked, 0)
  leases = leases + leased
end
reply[#reply + 1] = leases
reply[#reply + 1] = next_at and string.format('%.0f', next_at) or ''
return reply
