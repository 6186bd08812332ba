-- ARGV: epoch, nonce, owner.
if forgotten() then return {'forgotten'} end
local e = get(ARGV[2])
if not e or e.owner ~= ARGV[3] or e.state ~= 'r' then return {'notowner'} end
free(ARGV[2], e)
return {'done'}
