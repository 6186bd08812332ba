-- Raises sums to a minimum. ARGV holds 2 values for each key: d or m, the amount's digits.
for i = 1, #KEYS do
  local period, amount = ARGV[i * 2 - 1], ARGV[i * 2]
  local value = redis.call('GET', KEYS[i])
  if not value or above(amount, value) then redis.call('SET', KEYS[i], amount, 'PX', text(ends(period) - now)) end
end
return 'done'
