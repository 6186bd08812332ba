-- Adds to sums, or takes off down to zero. ARGV holds 3 values for each key: d or m, + or -, the amount's digits.
for i = 1, #KEYS do
  local period, sign, amount = ARGV[i * 3 - 2], ARGV[i * 3 - 1], ARGV[i * 3]
  local value = redis.call('GET', KEYS[i])
  if sign == '+' then
    redis.call('INCRBY', KEYS[i], amount)
    redis.call('PEXPIRE', KEYS[i], text(ends(period) - now))
  elseif value and above(value, amount) then
    redis.call('DECRBY', KEYS[i], amount)
  elseif value then
    redis.call('DEL', KEYS[i])
  end
end
return 'done'
