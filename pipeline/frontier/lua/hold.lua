-- ARGV: host, until.
local host = ARGV[1]
local new = not call('ZSCORE', P .. 'hold', host)
call('ZADD', P .. 'hold', 'GT', ARGV[2], host)
if new then
  for _, kind in ipairs({ 'feed', 'entry' }) do
    local due, parked = P .. 'due:' .. kind, parked_at(kind, host)
    for _, key in ipairs(things_at(kind, host)) do
      local at = call('ZSCORE', due, key)
      if at then
        call('ZREM', due, key)
        call('ZADD', parked, at, key)
      end
    end
    call('ZREM', P .. 'hosts:' .. kind, host)
    call('ZREM', P .. 'asleep:' .. kind, host)
  end
end
