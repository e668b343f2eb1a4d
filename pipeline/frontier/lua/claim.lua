-- ARGV: kind, how many, end of the lease, now, leases per host, the mark of the filling that the caller has seen,
-- how many to look at.
-- Returns the mark of the filling, whether more may be found by asking again, then key, host, token, deaths, time and
-- note of each.
local kind, n, until_, now, per_host, seen = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], tonumber(ARGV[5]), ARGV[6]
local budget = tonumber(ARGV[7])
local filled = call('GET', P .. 'filled') or ''
-- Once filled and now empty: lost. What came in since is not handed out before the archive has refilled the rest.
if seen ~= '' and filled == '' then return { '', 0 } end

local due, leased, notes = P .. 'due:' .. kind, P .. 'leased:' .. kind, P .. 'note:' .. kind
local hosts, asleep, live = P .. 'hosts:' .. kind, P .. 'asleep:' .. kind, P .. 'live:' .. kind
local hold, booked = P .. 'hold', P .. 'booked'
local at_now = tonumber(now)
local token = math.max(number(call('GET', P .. 'token')), at_now)
local reply, found = { filled, 0 }, 0
local keys, changed = {}, {}

budget = budget - catch_up(now, budget)
for _, host in ipairs(call('ZRANGEBYSCORE', asleep, '-inf', now, 'LIMIT', 0, math.max(budget, 0))) do
  call('ZREM', asleep, host)
  wake(kind, host)
end

-- What each host has to do with: its live leases, and when it can be asked. Read for a page at once, written at the end.
local lives, frees, taken = {}, {}, {}
local function look_at(names)
  if not names[1] then return end
  local leases = call('HMGET', live, unpack(names))
  local gaps, ends = call('ZMSCORE', booked, unpack(names)), call('ZMSCORE', hold, unpack(names))
  for i, host in ipairs(names) do
    lives[host], frees[host] = number(leases[i]), math.max(number(gaps[i]), number(ends[i]))
  end
end

local function lease(thing, key, host, deaths, begun, at)
  token = token + 1
  deaths = number(deaths) + number(begun)
  local mark = string.format('%x', token)
  call('HSET', thing, key, host .. '\t' .. mark .. '\t' .. string.format('%d', deaths) .. '\t0')
  lives[host] = lives[host] + 1
  found = found + 1
  taken[key] = true
  keys[found], changed[host] = key, true
  local size = #reply
  reply[size + 1], reply[size + 2], reply[size + 3] = key, host, mark
  reply[size + 4], reply[size + 5], reply[size + 6] = deaths, at, ''
end

-- Whether the thing is what it seems; what is not is left from before a loss.
local function is_free(key, mark)
  return not taken[key] and not (mark and call('ZSCORE', leased, key))
end

local function claim_parked(host)
  if not lives[host] then look_at({ host }) end
  if lives[host] >= per_host then
    call('ZREM', hosts, host)
  elseif frees[host] > at_now then
    call('ZREM', hosts, host)
    call('ZADD', asleep, frees[host], host)
  else
    local item = call('ZPOPMIN', parked_at(kind, host))
    local key = item[1]
    if key then
      local thing = thing_of(kind, key)
      local home, mark, deaths, begun = parse(call('HGET', thing, key))
      if home == host and is_free(key, mark) then lease(thing, key, host, deaths, begun, item[2]) end
    end
    if not wake(kind, host) then call('ZREM', hosts, host) end
  end
end

-- Returns true when `hosts` may have changed.
local function claim_due(key, at, thing, host, mark, deaths, begun)
  if not host or not is_free(key, mark) then return false end
  local parked = parked_at(kind, host)
  -- Behind what is parked there already, in the order of their times.
  local behind = call('EXISTS', parked) == 1
  if not behind and lives[host] < per_host and frees[host] <= at_now then
    lease(thing, key, host, deaths, begun, at)
    return false
  end
  call('ZADD', parked, at, key)
  if lives[host] >= per_host then return false end
  if frees[host] > at_now then
    call('ZADD', asleep, frees[host], host)
    return false
  end
  return wake(kind, host)
end

-- The next of what is due, with what is kept of each: key, time, name of its hash, host, token, deaths, begun.
local function next_page(size)
  local due_now = call('ZRANGEBYSCORE', due, '-inf', now, 'WITHSCORES', 'LIMIT', 0, size)
  local page, names = {}, {}
  for i = 1, #due_now, 2 do
    local key = due_now[i]
    local thing = thing_of(kind, key)
    local item = { key, due_now[i + 1], thing, parse(call('HGET', thing, key)) }
    page[#page + 1] = item
    if item[4] and not lives[item[4]] then names[#names + 1] = item[4] end
  end
  look_at(names)
  return page
end

local page, turn, gone = {}, 1, {}
local first = call('ZRANGE', hosts, 0, 0, 'WITHSCORES')
while found < n do
  if turn > #page then
    all('ZREM', due, gone)
    page, turn, gone = {}, 1, {}
    if budget > 0 then page = next_page(math.min(budget, 500, n - found)) end
  end
  local item = page[turn]
  if first[1] and (not item or tonumber(first[2]) <= tonumber(item[2])) then
    claim_parked(first[1])
    first = call('ZRANGE', hosts, 0, 0, 'WITHSCORES')
  elseif item then
    turn = turn + 1
    budget = budget - 1
    gone[#gone + 1] = item[1]
    if claim_due(unpack(item, 1, 7)) then first = call('ZRANGE', hosts, 0, 0, 'WITHSCORES') end
  else
    if budget <= 0 then reply[2] = 1 end
    break
  end
end
all('ZREM', due, gone)
if found == 0 then return reply end

-- From the time, so that tokens grow although the counter is lost or restored from an older copy.
call('SET', P .. 'token', string.format('%.0f', token))
local leases, counts = {}, {}
for i, key in ipairs(keys) do
  leases[2 * i - 1], leases[2 * i] = until_, key
end
for host in pairs(changed) do
  counts[#counts + 1] = host
  counts[#counts + 1] = lives[host]
end
all('ZADD', leased, leases)
all('HSET', live, counts)
for start = 1, found, 1000 do
  for i, note in ipairs(call('HMGET', notes, unpack(keys, start, math.min(start + 999, found)))) do
    reply[2 + 6 * (start + i - 1)] = note or ''
  end
end
return reply
