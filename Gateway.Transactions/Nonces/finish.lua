-- ARGV: epoch, nonce.
if forgotten() then return {'forgotten'} end
redis.call('HDEL', book, ARGV[2])
redis.call('HDEL', raws, ARGV[2])
if tonumber(ARGV[2]) + 1 > meta('@floor') then redis.call('HSET', book, '@floor', text(tonumber(ARGV[2]) + 1)) end
return {'done'}
