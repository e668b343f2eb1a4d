-- ARGV: room, the instant before which articles are forgotten, how many at most. Returns how many were.
local room = P .. ARGV[1]
local old = call('ZRANGEBYSCORE', room .. ':at', '-inf', '(' .. ARGV[2], 'LIMIT', 0, tonumber(ARGV[3]))
for _, number_ in ipairs(old) do
  local text = call('HGET', room .. ':articles', number_) or '\n\n\n'
  local first = string.find(text, '\n', 1, true)
  local second = string.find(text, '\n', first + 1, true)
  local third = string.find(text, '\n', second + 1, true)
  for at = third + 1, #text, 8 do
    local print = string.sub(text, at, at + 7)
    local name = room .. ':prints:' .. (string.byte(print, 7) * 256 + string.byte(print, 8)) % BUCKETS
    local left = {}
    for other in string.gmatch(call('HGET', name, print) or '', '%d+') do
      if other ~= number_ then left[#left + 1] = other end
    end
    if left[1] then
      call('HSET', name, print, table.concat(left, ','))
    else
      call('HDEL', name, print)
    end
  end
  call('HDEL', room .. ':articles', number_)
  call('HDEL', room .. ':numbers', string.sub(text, first + 1, second - 1))
  call('ZREM', room .. ':at', number_)
end
return #old
