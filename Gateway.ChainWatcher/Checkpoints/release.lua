-- KEYS[1]: the lease. ARGV: owner. Ends the lease; its number stays.
if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then redis.call('HSET', KEYS[1], 'till', '0') end
return 1
