-- Begins or renews a lease. ARGV: owner, lease ms, how long the hash is kept in ms. Answers done, or busy.
local owner = redis.call('HGET', KEYS[1], 'owner')
if owner ~= ARGV[1] and field('until') > now then return {'busy'} end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'until', text(now + tonumber(ARGV[2])))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'done'}
