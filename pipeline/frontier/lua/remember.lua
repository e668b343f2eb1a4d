-- Which articles hold a hash, the first of them only. A room ('posts', 'sentences') has
--   ROOM:prints:BUCKET   hash -> numbers of articles, with commas
--   ROOM:articles        number -> "size LF article LF host LF" and its hashes, 8 bytes each
--   ROOM:numbers         article -> number
--   ROOM:at              numbers by time
-- ARGV: room, articles kept per hash, article, host, time, its hashes (8 bytes each), the mark of the filling that the
-- caller has seen, 1 when the articles found are to be described.
-- Returns the article's number, the numbers under each hash as they were, and number, size, article and host of each
-- article found; nothing when the frontier is lost.
local room, limit, article, host, at, prints = P .. ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4], ARGV[5], ARGV[6]
if ARGV[7] ~= '' and call('EXISTS', P .. 'filled') == 0 then return false end

local mine = call('HGET', room .. ':numbers', article)
local record = mine and call('HGET', room .. ':articles', mine)
local new = not record
if new then
  mine = string.format('%d', call('INCR', room .. ':last'))
  record = string.format('%d', #prints / 8) .. '\n' .. article .. '\n' .. host .. '\n'
  call('HSET', room .. ':numbers', article, mine)
  call('ZADD', room .. ':at', at, mine)
end

local lists, others, kept = {}, {}, {}
for first = 1, #prints, 8 do
  local print = string.sub(prints, first, first + 7)
  local name = room .. ':prints:' .. (string.byte(print, 7) * 256 + string.byte(print, 8)) % BUCKETS
  local list = call('HGET', name, print) or ''
  local count, known = 0, false
  for other in string.gmatch(list, '%d+') do
    count = count + 1
    if other == mine then known = true else others[other] = true end
  end
  if not known and count < limit then
    call('HSET', name, print, list == '' and mine or list .. ',' .. mine)
    kept[#kept + 1] = print
  end
  lists[#lists + 1] = list
end
if new or #kept > 0 then
  call('HSET', room .. ':articles', mine, record .. table.concat(kept))
end

local found = {}
if ARGV[8] == '1' then
  for other in pairs(others) do
    local text = call('HGET', room .. ':articles', other)
    if text then
      local size, id, home = string.match(text, '^(%d+)\n([^\n]*)\n([^\n]*)\n')
      found[#found + 1] = { other, size, id, home }
    end
  end
end
return { mine, lists, found }
