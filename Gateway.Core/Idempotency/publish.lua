-- KEYS: envelopes. ARGV: window ms, then the value of each. A result is stored regardless of the claim's owner.
for i, key in ipairs(KEYS) do
  local value = redis.call('GET', key)
  if not value or string.sub(value, 1, 1) == 'c' then redis.call('SET', key, ARGV[i + 1], 'PX', ARGV[1]) end
end
return 1
