-- ARGV: kind, first bucket, last bucket. Returns key and time of everything in these buckets.
local kind = ARGV[1]
local due, leased = P .. 'due:' .. kind, P .. 'leased:' .. kind
local reply = {}
for bucket = tonumber(ARGV[2]), math.min(tonumber(ARGV[3]), BUCKETS - 1) do
  local things = call('HGETALL', P .. 'thing:' .. kind .. ':' .. bucket)
  for i = 1, #things, 2 do
    local key = things[i]
    local host = parse(things[i + 1])
    local at = call('ZSCORE', due, key) or call('ZSCORE', leased, key) or call('ZSCORE', parked_at(kind, host), key)
    if at then
      reply[#reply + 1] = key
      reply[#reply + 1] = at
    end
  end
end
return reply
