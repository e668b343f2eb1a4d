-- ARGV: kind, then key, host and time of each.
local kind = ARGV[1]
local due = P .. 'due:' .. kind
for i = 2, #ARGV, 3 do
  local key, host, at = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local thing = thing_of(kind, key)
  local old, token = parse(call('HGET', thing, key))
  if not old then
    call('HSET', thing, key, host)
    settle_in(kind, host, key)
    wait(kind, host, key, at)
    call('HINCRBY', P .. 'count', kind, 1)
  elseif not token then
    local parked = parked_at(kind, old)
    local in_due = call('ZSCORE', due, key)
    local in_parked = not in_due and call('ZSCORE', parked, key)
    local known = in_due or in_parked
    if not known or old ~= host or tonumber(at) < tonumber(known) then
      if old ~= host then
        call('HSET', thing, key, host)
        move_out(kind, old, key)
        settle_in(kind, host, key)
      end
      if known and tonumber(known) < tonumber(at) then at = known end
      if in_due then call('ZREM', due, key) end
      if in_parked then
        call('ZREM', parked, key)
        wake(kind, old)
      end
      wait(kind, host, key, at)
    end
  end
end
