-- ARGV: a mark nobody else has. Returns the mark of the filling ('' when there is none) and the mark under which it is
-- being refilled.
local filled = call('GET', P .. 'filled')
if filled then return { filled, '' } end
call('SET', P .. 'refilling', ARGV[1], 'NX')
return { '', call('GET', P .. 'refilling') }
