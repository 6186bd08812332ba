-- Gives back what was taken. ARGV holds 5 values for each key, and behind them when it was taken, in milliseconds.
local taken = tonumber(ARGV[#ARGV])
for i = 1, #KEYS do
  local a = i * 5 - 4
  local value = redis.call('GET', KEYS[i])
  if value and ARGV[a] == 'r' then
    local period, refill = tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
    local most = tonumber(ARGV[a + 1]) * period
    local had, at = string.match(value, '^(%d+):(%d+)$')
    local level = math.min(most, tonumber(had) + math.max(0, now - tonumber(at)) * refill)
    level = math.min(most, level + tonumber(ARGV[a + 4]) * period)
    redis.call('SET', KEYS[i], text(level) .. ':' .. text(now), 'PX', text(math.max(1, math.ceil((most - level) / refill))))
  elseif value and ends(ARGV[a], taken) == ends(ARGV[a]) then
    if above(value, ARGV[a + 2]) then redis.call('DECRBY', KEYS[i], ARGV[a + 2]) else redis.call('DEL', KEYS[i]) end
  end
end
return 'done'
