-- KEYS: envelopes. ARGV: the owner of each. Ends the claims that are their owners'.
for i, key in ipairs(KEYS) do
  if redis.call('GET', key) == 'c' .. ARGV[i] then redis.call('DEL', key) end
end
return 1
