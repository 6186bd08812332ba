-- KEYS: lease, value. ARGV: owner, number, value. Answers 1, or 0 when the lease is another's or has ended.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'number') ~= ARGV[2] then return 0 end
if tonumber(redis.call('HGET', KEYS[1], 'till')) <= now then return 0 end
redis.call('SET', KEYS[2], ARGV[3])
return 1
