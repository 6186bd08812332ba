-- Removes calls that have ended; take.lua has the layout. KEYS[1]: that of the topic. ARGV: the ids.
for i = 1, #ARGV do redis.call('HDEL', KEYS[1], 'c|' .. ARGV[i]) end
if redis.call('HLEN', KEYS[1]) <= 1 then redis.call('DEL', KEYS[1]) end
return 1
