-- Enters an account that has a transaction in flight now. KEYS[1] is a hash of accounts, each with the time of its last entry, in seconds
-- of this clock. ARGV: the account.
redis.call('HSET', KEYS[1], ARGV[1], redis.call('TIME')[1])
return 1
