-- Refunds what was taken. ARGV holds 5 values for each key, and behind them when it was taken, in milliseconds.
local taken = tonumber(ARGV[#ARGV])
for i = 1, #KEYS do
  local a = i * 5 - 4
  local value = redis.call('GET', KEYS[i])
  if value and ARGV[a] == 'r' then
    local most = tonumber(ARGV[a + 1]) * tonumber(ARGV[a + 2])
    keep(KEYS[i], a, math.min(most, level(value, a) + tonumber(ARGV[a + 4]) * tonumber(ARGV[a + 2])))
  elseif value and ends(ARGV[a], taken) == ends(ARGV[a]) then
    if above(value, ARGV[a + 2]) then redis.call('DECRBY', KEYS[i], ARGV[a + 2]) else redis.call('DEL', KEYS[i]) end
  end
end
return 'done'
