-- KEYS[1]: where to write. ARGV: how long it stays, ms. Runs each command that a publish or the watcher runs inside a script,
-- so that a server or user that refuses one of them is noticed. A full server refuses the first write of a script alone, and only
-- one that may need memory: it comes first.
local key = KEYS[1]
redis.call('SET', key, '1', 'PX', ARGV[1])
redis.call('GET', key)
redis.call('MGET', key)
redis.call('INCRBY', key, '1')
redis.call('DECRBY', key, '1')
redis.call('PEXPIRE', key, ARGV[1])
redis.call('DEL', key)
redis.call('HSET', key, 'probe', '1')
redis.call('HGET', key, 'probe')
redis.call('HINCRBY', key, 'probe', '1')
redis.call('HLEN', key)
redis.call('HEXISTS', key, 'probe')
redis.call('HGETALL', key)
redis.call('HDEL', key, 'probe')
redis.call('SET', key, '1', 'PX', ARGV[1])
return redis.call('TIME')[1]
