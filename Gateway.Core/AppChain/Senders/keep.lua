-- Renews the leases of calls, and the record that senders are unavailable; take.lua has the layout. KEYS: that of all topics, then that
-- of the topic of each call. ARGV: settling ms, lease ms, how long a topic is kept in ms, a name for a new life, the life that the caller
-- knows, how many senders are unavailable and these, then for each call its sender and its id. Where the store was emptied, the calls are
-- entered again. Answers done, the life, and the ids that are gone.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local function text(n) return string.format('%.0f', n) end
local life = redis.call('HGET', KEYS[1], 'life')
if not life then
  life = ARGV[4]
  redis.call('HSET', KEYS[1], 'life', life, 'ready', text(now + tonumber(ARGV[1])))
end
local till, first = text(now + tonumber(ARGV[2])), 7 + tonumber(ARGV[6])
for i = 7, first - 1 do redis.call('HSET', KEYS[1], 'a|' .. ARGV[i], till) end
local answer = {'done', life}
for i = 2, #KEYS do
  local sender, id = ARGV[first + 2 * (i - 2)], ARGV[first + 2 * (i - 2) + 1]
  local found = redis.call('HGET', KEYS[i], 'sender')
  if redis.call('HEXISTS', KEYS[i], 'c|' .. id) == 1 or (life ~= ARGV[5] and (not found or found == sender)) then
    redis.call('HSET', KEYS[i], 'sender', sender, 'c|' .. id, till)
    redis.call('PEXPIRE', KEYS[i], ARGV[3])
  else
    answer[#answer + 1] = id
  end
end
return answer
