-- Refunds an amount of which nothing was sent. ARGV: the amount, the day that it was counted in, the sender.
redis.call('HDEL', KEYS[1], 't|' .. ARGV[3])
if field('day') == tonumber(ARGV[2]) and field('spent') >= tonumber(ARGV[1]) then
  redis.call('HSET', KEYS[1], 'spent', text(field('spent') - tonumber(ARGV[1])))
end
return {'done'}
