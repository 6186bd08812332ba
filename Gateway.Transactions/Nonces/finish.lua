-- ARGV: epoch, nonce, whether its newest transaction is kept ('1'), how many are kept, owner. A kept one replaces the one that
-- many nonces below. A repetition finds no entry, and changes nothing that is kept. What another lease has in doubt stays.
if forgotten() then return {'forgotten'} end
local nonce, max = tonumber(ARGV[2]), tonumber(ARGV[4])
local e, raw = get(ARGV[2]), redis.call('HGET', raws, ARGV[2])
if nonce + 1 > meta('@floor') then redis.call('HSET', book, '@floor', text(nonce + 1)) end
local owned = e and e.owner == ARGV[5]
if e and not owned and doubtful(e) then return {'notowner'} end
if owned and max > 0 then
  local slot = text(nonce % max)
  local newest = minedNonce(redis.call('HGET', mined, slot)) or -1
  if ARGV[3] == '1' and raw and newest <= nonce then
    redis.call('HSET', mined, slot, ARGV[2] .. '|' .. e.attempts .. '|' .. raw)
  elseif newest == nonce then
    redis.call('HDEL', mined, slot)
  end
end
redis.call('HDEL', book, ARGV[2])
redis.call('HDEL', raws, ARGV[2])
return {'done'}
