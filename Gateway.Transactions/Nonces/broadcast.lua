-- ARGV: epoch, nonce, owner.
if forgotten() then return {'forgotten'} end
local e = get(ARGV[2])
if not e or e.owner ~= ARGV[3] or not doubtful(e) then return {'notowner'} end
e.state = 'b'
put(ARGV[2], e)
return {'done'}
