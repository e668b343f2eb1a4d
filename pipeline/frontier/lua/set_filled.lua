-- ARGV: the mark under which the caller has refilled ('' when it never asked), a mark nobody else has.
-- Returns the mark of the filling; '' when what the caller put in is lost already.
local refilling = call('GET', P .. 'refilling')
if ARGV[1] == '' or ARGV[1] == refilling then
  call('SET', P .. 'filled', ARGV[2])
  call('DEL', P .. 'refilling')
end
return call('GET', P .. 'filled') or ''
