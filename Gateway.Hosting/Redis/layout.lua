-- KEYS[1]: the hash of versions. ARGV: kind, version of each. Answers the kinds that are newer; when there are none, writes the versions
-- that are missing or older.
local newer, is_older = {}, false
for i = 1, #ARGV, 2 do
  local stored = redis.call('HGET', KEYS[1], ARGV[i])
  if stored and (tonumber(stored) or math.huge) > tonumber(ARGV[i + 1]) then
    newer[#newer + 1] = ARGV[i]
  elseif stored ~= ARGV[i + 1] then
    is_older = true
  end
end
if is_older and #newer == 0 then redis.call('HSET', KEYS[1], unpack(ARGV)) end
return newer
