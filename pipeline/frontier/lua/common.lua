-- What the scripts share; put before each of them. KEYS[1] is the prefix of all names; every other name is made from
-- it, which a single server allows and a cluster does not.
--
-- A thing (a feed or an entry) is in exactly one of three sorted sets, scored in microseconds since 1970:
--   due:KIND           waits, whether its time has come or not
--   parked:KIND:HOST   waits for its host: its time has come and the host was busy, or the host is held
--   leased:KIND        its lease lasts until then; when that is over it goes back to `due`
-- thing:KIND:BUCKET    key -> host, and since it was claimed "host TAB token TAB deaths TAB begun"
-- home:KIND:BUCKET     host -> the buckets of its things, two bytes each; '' when they stand in home:KIND:HOST
-- hosts:KIND           hosts with something parked that may be free, by the time of the first that is parked
-- asleep:KIND          hosts with something parked, by the end of the gap they keep
-- live:KIND            host -> live leases
-- count                kind -> things known
-- hold, booked         host -> no request, no next request before
-- Everything that waits for a held host is parked, and is due again when the hold is over. Another host with something
-- parked that is in neither `hosts` nor `asleep` has as many leases as it may have: the end of one wakes it.
local P = KEYS[1]
local call = redis.call

-- So many that a million things leave each hash small enough for the compact encoding (128 fields by default).
local BUCKETS = 16384
-- A longer value would cost its whole bucket the compact encoding.
local COMPACT = 64

local function bucket_of(text)
  return tonumber(string.sub(redis.sha1hex(text), 1, 4), 16) % BUCKETS
end

local function thing_of(kind, key)
  return P .. 'thing:' .. kind .. ':' .. bucket_of(key)
end

local function parked_at(kind, host)
  return P .. 'parked:' .. kind .. ':' .. host
end

local function number(value)
  return tonumber(value or 0) or 0
end

-- host, and since it was claimed token (hexadecimal), deaths and begun; nil for no value.
local function parse(value)
  if not value then return nil end
  if not string.find(value, '\t', 1, true) then return value end
  return string.match(value, '^(.-)\t(%x+)\t(%d+)\t([01])$')
end

-- One command with many arguments, as many times as their number needs.
local function all(command, name, arguments)
  for first = 1, #arguments, 1000 do
    call(command, name, unpack(arguments, first, math.min(first + 999, #arguments)))
  end
end

-- ---------------------------------------------------------------- where a host's things are
local function home_of(kind, host)
  return P .. 'home:' .. kind .. ':' .. bucket_of(host), P .. 'home:' .. kind .. ':' .. host
end

local function two_bytes(key)
  local bucket = bucket_of(key)
  return string.char(math.floor(bucket / 256), bucket % 256)
end

local function settle_in(kind, host, key)
  local home, large = home_of(kind, host)
  local list = call('HGET', home, host)
  if not list then
    call('HSET', home, host, two_bytes(key))
  elseif list ~= '' and #list < COMPACT then
    call('HSET', home, host, list .. two_bytes(key))
  else
    call('APPEND', large, list .. two_bytes(key))
    if list ~= '' then call('HSET', home, host, '') end
  end
end

local function move_out(kind, host, key)
  local home, large = home_of(kind, host)
  local list = call('HGET', home, host)
  local name = list == '' and large
  if name then list = call('GET', large) end
  local mine = two_bytes(key)
  for at = 1, #(list or ''), 2 do
    if string.sub(list, at, at + 1) == mine then
      list = string.sub(list, 1, at - 1) .. string.sub(list, at + 2)
      break
    end
  end
  if not list or list == '' then
    call('HDEL', home, host)
    if name then call('DEL', name) end
  elseif name then
    call('SET', name, list)
  else
    call('HSET', home, host, list)
  end
end

-- Keys of the host's things.
local function things_at(kind, host)
  local home, large = home_of(kind, host)
  local list = call('HGET', home, host)
  if list == '' then list = call('GET', large) end
  local looked, keys = {}, {}
  for at = 1, #(list or ''), 2 do
    local high, low = string.byte(list, at, at + 1)
    local bucket = high * 256 + low
    if not looked[bucket] then
      looked[bucket] = true
      local things = call('HGETALL', P .. 'thing:' .. kind .. ':' .. bucket)
      for i = 1, #things, 2 do
        if parse(things[i + 1]) == host then keys[#keys + 1] = things[i] end
      end
    end
  end
  return keys
end

-- ---------------------------------------------------------------- waiting
-- Whatever may have changed what is parked at a host, or how many leases it has, wakes it. True when it has a thing
-- to claim then.
local function wake(kind, host)
  local first = call('ZRANGE', parked_at(kind, host), 0, 0, 'WITHSCORES')
  if not first[1] or call('ZSCORE', P .. 'hold', host) then return false end
  call('ZADD', P .. 'hosts:' .. kind, first[2], host)
  return true
end

-- Lets a thing wait that was in none of the three sets.
local function wait(kind, host, key, at)
  if call('ZSCORE', P .. 'hold', host) then
    call('ZADD', parked_at(kind, host), at, key)
  else
    call('ZADD', P .. 'due:' .. kind, at, key)
  end
end

-- A live lease at the host has ended.
local function release(kind, host)
  local live = P .. 'live:' .. kind
  if call('HINCRBY', live, host, -1) <= 0 then call('HDEL', live, host) end
  wake(kind, host)
end

-- Ends up to `limit` holds and leases that are over. Returns how many it ended.
local function catch_up(now, limit)
  local free = call('ZRANGEBYSCORE', P .. 'hold', '-inf', now, 'LIMIT', 0, limit)
  for _, host in ipairs(free) do
    call('ZREM', P .. 'hold', host)
    for _, kind in ipairs({ 'feed', 'entry' }) do
      local parked = parked_at(kind, host)
      local things = call('ZRANGE', parked, 0, -1, 'WITHSCORES')
      for i = 1, #things, 2 do
        call('ZADD', P .. 'due:' .. kind, things[i + 1], things[i])
      end
      if things[1] then call('DEL', parked) end
    end
  end
  local ended = #free
  for _, kind in ipairs({ 'feed', 'entry' }) do
    local leased = P .. 'leased:' .. kind
    local over = call('ZRANGEBYSCORE', leased, '-inf', now, 'WITHSCORES', 'LIMIT', 0, limit)
    for i = 1, #over, 2 do
      local key = over[i]
      call('ZREM', leased, key)
      local host = parse(call('HGET', thing_of(kind, key), key))
      if host then
        wait(kind, host, key, over[i + 1])
        release(kind, host)
      end
    end
    ended = ended + #over / 2
  end
  return ended
end
