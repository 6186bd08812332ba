-- KEYS: envelopes. ARGV: the claim of each. Ends those that are there.
for i, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[i] then redis.call('DEL', key) end
end
return 1
