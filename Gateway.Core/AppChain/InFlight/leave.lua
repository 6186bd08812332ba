-- Takes accounts out that were not entered again. KEYS[1]: enter.lua has the layout. ARGV: the accounts, each with the time of its entry.
for i = 1, #ARGV, 2 do
  if redis.call('HGET', KEYS[1], ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[1], ARGV[i]) end
end
return 1
