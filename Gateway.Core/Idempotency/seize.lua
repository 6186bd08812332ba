-- KEYS[1]: the envelope. ARGV: claim, lease ms.
local value = redis.call('GET', KEYS[1])
if value and string.sub(value, 1, 1) ~= 'c' then return value end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'm'
