-- KEYS[1]: the lease, a hash of owner, number, till. ARGV: owner, lease ms. Answers the number, or 0 when it is another's.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local owner = redis.call('HGET', KEYS[1], 'owner')
local till = tonumber(redis.call('HGET', KEYS[1], 'till') or '0')
if owner and owner ~= ARGV[1] and till > now then return 0 end
local number = tonumber(redis.call('HGET', KEYS[1], 'number') or '0')
if owner ~= ARGV[1] or till <= now then number = number + 1 end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'number', number, 'till', string.format('%.0f', now + tonumber(ARGV[2])))
return number
