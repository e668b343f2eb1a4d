-- ARGV: kind, key, token.
local thing = thing_of(ARGV[1], ARGV[2])
local host, token, deaths = parse(call('HGET', thing, ARGV[2]))
if token and token == ARGV[3] then
  call('HSET', thing, ARGV[2], host .. '\t' .. token .. '\t' .. deaths .. '\t1')
end
