-- Adds what identities used on a day. KEYS: the day's hash, the hash of the days' sums, what this process added last.
-- ARGV: the number of the batch, the day, the first day that is kept, how long a day is kept in ms, how many identities are
-- kept, then for each figure: its name (m messages, f fees and g gas in picodollars, r:REASON refusals), the identity, the
-- amount. A field is name|identity. Amounts are whole numbers that Lua never counts with: HINCRBY adds 64-bit integers.
if redis.call('GET', KEYS[3]) == ARGV[1] then return 0 end
redis.call('SET', KEYS[3], ARGV[1], 'PX', 86400000)
local day, kept = ARGV[2], tonumber(ARGV[5])
for i = 6, #ARGV, 3 do
  redis.call('HINCRBY', KEYS[1], ARGV[i] .. '|' .. ARGV[i + 1], ARGV[i + 2])
  redis.call('HINCRBY', KEYS[2], ARGV[i] .. '|' .. day, ARGV[i + 2])
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
local sums = redis.call('HGETALL', KEYS[2])
for i = 1, #sums, 2 do
  if string.match(sums[i], '|(.*)$') < ARGV[3] then redis.call('HDEL', KEYS[2], sums[i]) end
end
if redis.call('HLEN', KEYS[1]) <= kept * 4 then return 1 end

-- The identities that spent the most stay; doubles are exact enough to rank them.
local fields, spent, names = redis.call('HGETALL', KEYS[1]), {}, {}
for i = 1, #fields, 2 do
  local figure, name = string.match(fields[i], '^(.-)|(.*)$')
  if name ~= 'others' then
    if not spent[name] then spent[name] = 0 names[#names + 1] = name end
    if figure == 'f' or figure == 'g' then spent[name] = spent[name] + tonumber(fields[i + 1]) end
  end
end
if #names < kept then return 1 end
table.sort(names, function(a, b) if spent[a] ~= spent[b] then return spent[a] > spent[b] end return a < b end)
local gone = {}
for i = kept, #names do gone[names[i]] = true end
for i = 1, #fields, 2 do
  local figure, name = string.match(fields[i], '^(.-)|(.*)$')
  if gone[name] then
    redis.call('HINCRBY', KEYS[1], figure .. '|others', fields[i + 1])
    redis.call('HDEL', KEYS[1], fields[i])
  end
end
return 1
