-- Keeps the funds of a payer by hour, by Redis' clock. KEYS: the hash. ARGV: how many hours are kept, how long the hash is kept
-- in ms, then for each fund that is known its name (p: the payer's balance in microdollars, g: gas in wei) and its amount. A field
-- is name|hour, where the hour counts from the start of Unix time; amounts are texts that Lua never counts with.
local hour = math.floor(tonumber(redis.call('TIME')[1]) / 3600)
for i = 3, #ARGV, 2 do
  redis.call('HSET', KEYS[1], ARGV[i] .. '|' .. string.format('%.0f', hour), ARGV[i + 1])
end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
  local kept = tonumber(string.match(fields[i], '^[pg]|(%d+)$'))
  if kept and kept <= hour - tonumber(ARGV[1]) then redis.call('HDEL', KEYS[1], fields[i]) end
end
return 1
