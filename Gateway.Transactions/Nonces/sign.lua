-- ARGV: epoch, nonce, owner, lease ms, hash, attempt, raw, the payload's key or ''.
if forgotten() then return {'forgotten'} end
if tonumber(ARGV[2]) < meta('@floor') then return {'used'} end
local e = get(ARGV[2])
if not e or e.owner ~= ARGV[3] then return {'notowner'} end
if e.state == 'r' then
  e.attempts = ''
elseif string.find(e.attempts, ARGV[5], 1, true) then
  return {'done'}
end
if ARGV[8] ~= '' then
  for _, o in ipairs(all()) do
    if doubtful(o) and text(o.nonce) ~= ARGV[2] and string.find(o.attempts, ARGV[8], 1, true) then return {'pending'} end
  end
end
if e.state ~= 'b' then e.state = 's' end
e.till = now + tonumber(ARGV[4])
e.attempts = e.attempts == '' and ARGV[6] or (e.attempts .. ',' .. ARGV[6])
put(ARGV[2], e)
redis.call('HSET', raws, ARGV[2], ARGV[7])
return {'done'}
