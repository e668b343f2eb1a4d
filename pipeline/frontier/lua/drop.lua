-- ARGV: kind, then keys.
local kind = ARGV[1]
for i = 2, #ARGV do
  local key = ARGV[i]
  local thing = thing_of(kind, key)
  local host = parse(call('HGET', thing, key))
  if host then
    call('HDEL', thing, key)
    move_out(kind, host, key)
    call('HINCRBY', P .. 'count', kind, -1)
    call('ZREM', P .. 'due:' .. kind, key)
    call('ZREM', parked_at(kind, host), key)
    if call('ZREM', P .. 'leased:' .. kind, key) == 1 then
      release(kind, host)
    else
      wake(kind, host)
    end
  end
  call('HDEL', P .. 'note:' .. kind, key)
end
