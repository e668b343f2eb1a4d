-- ARGV: kind, key, token, time of the next turn or '' for none, and the note if there is one to keep.
-- Returns 1, or 0 when the claim is stale.
local kind, key, again, note = ARGV[1], ARGV[2], ARGV[4], ARGV[5]
local thing = thing_of(kind, key)
local host, token = parse(call('HGET', thing, key))
if not token or token ~= ARGV[3] then return 0 end
local was_live = call('ZREM', P .. 'leased:' .. kind, key) == 1
if not was_live then
  call('ZREM', P .. 'due:' .. kind, key)
  call('ZREM', parked_at(kind, host), key)
end
if again == '' then
  call('HDEL', thing, key)
  move_out(kind, host, key)
  call('HINCRBY', P .. 'count', kind, -1)
else
  call('HSET', thing, key, host)
  wait(kind, host, key, again)
end
if note == '' or (again == '' and not note) then
  call('HDEL', P .. 'note:' .. kind, key)
elseif note then
  call('HSET', P .. 'note:' .. kind, key, note)
end
if was_live then release(kind, host) else wake(kind, host) end
return 1
