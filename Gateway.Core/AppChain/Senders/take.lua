-- Enters calls of a topic. KEYS[1] is a hash about all topics of a payer: life (which life of the store this is), ready (before that
-- nothing is entered), and a|SENDER for each sender that was unavailable, until when. KEYS[2] is a hash of the topic: sender, and c|ID for
-- each call, until when its lease lasts; without calls there is none. Both are in one slot. Times are in milliseconds, by this clock.
-- ARGV: settling ms, lease ms, how long a topic is kept in ms, a name for a new life, 1 where a call whose lease has ended is in doubt,
-- then how many ids and the ids, how many ended ones and for each id and time, and the candidates.
-- Answers done and the sender; ended, the sender, then id and time of each; or settling.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local function text(n) return string.format('%.0f', n) end
if redis.call('HEXISTS', KEYS[1], 'life') == 0 then
  redis.call('HSET', KEYS[1], 'life', ARGV[4], 'ready', text(now + tonumber(ARGV[1])))
end
if now < tonumber(redis.call('HGET', KEYS[1], 'ready') or '0') then return {'settling'} end
local at = 7 + tonumber(ARGV[6])
local first = at + 1 + 2 * tonumber(ARGV[at])
for i = at + 1, first - 1, 2 do
  if redis.call('HGET', KEYS[2], 'c|' .. ARGV[i]) == ARGV[i + 1] then redis.call('HDEL', KEYS[2], 'c|' .. ARGV[i]) end
end
local flat, sender, live, ended = redis.call('HGETALL', KEYS[2]), nil, 0, {}
for i = 1, #flat, 2 do
  local id = string.match(flat[i], '^c|(.*)$')
  if flat[i] == 'sender' then
    sender = flat[i + 1]
  elseif id and tonumber(flat[i + 1]) > now then
    live = live + 1
  elseif id then
    ended[#ended + 1] = id
    ended[#ended + 1] = flat[i + 1]
  end
end
if live == 0 and #ended > 0 and ARGV[5] ~= '1' then
  local answer = {'ended', sender or ''}
  for _, value in ipairs(ended) do answer[#answer + 1] = value end
  return answer
end
if live == 0 and #ended == 0 then
  sender = ARGV[first]
  for i = first, #ARGV do
    if tonumber(redis.call('HGET', KEYS[1], 'a|' .. ARGV[i]) or '0') <= now then
      sender = ARGV[i]
      break
    end
  end
end
redis.call('HSET', KEYS[2], 'sender', sender)
for i = 7, at - 1 do redis.call('HSET', KEYS[2], 'c|' .. ARGV[i], text(now + tonumber(ARGV[2]))) end
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return {'done', sender, redis.call('HGET', KEYS[1], 'life')}
