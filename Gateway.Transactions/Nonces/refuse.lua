-- ARGV: epoch, nonce, owner. Done also when nobody has the nonce and the chain did not use it: the refusal was made before and its
-- answer was lost, or the store was emptied.
if forgotten() then return {'forgotten'} end
local e = get(ARGV[2])
if (not e or e.state == 'x') and tonumber(ARGV[2]) >= meta('@floor') then return {'done'} end
if not e or e.owner ~= ARGV[3] or e.state ~= 's' then return {'notowner'} end
free(ARGV[2], e)
return {'done'}
