-- The replicas of a payer, by Redis' clock. KEYS: the hash. ARGV: how long a report lasts in ms, this replica, its report;
-- without a report it only reads. Answers the reports that have not ended; one that has ended is removed.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
if ARGV[3] then
  redis.call('HSET', KEYS[1], ARGV[2], string.format('%.0f', now) .. '|' .. ARGV[3])
  redis.call('PEXPIRE', KEYS[1], 3600000)
end
local live, entries = {}, redis.call('HGETALL', KEYS[1])
for i = 1, #entries, 2 do
  local at, report = string.match(entries[i + 1], '^(%d+)|(.*)$')
  if at and now - tonumber(at) < tonumber(ARGV[1]) then
    live[#live + 1] = report
  elseif ARGV[3] then
    redis.call('HDEL', KEYS[1], entries[i])
  end
end
return live
