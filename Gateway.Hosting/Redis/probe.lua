-- KEYS[1]: where to write. ARGV: how long it stays, ms. Does what a publish does: writes, and reads the clock.
redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
return redis.call('TIME')[1]
