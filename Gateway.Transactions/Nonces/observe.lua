-- ARGV: epoch, mined, pending, timeout ms, how many mined transactions are kept. Answers how many nonces nobody here signed,
-- whether it went back, and nonce|attempts| of the kept transactions that the chain does not count; those are entered again when
-- it goes back.
if forgotten() then return {'forgotten'} end
local floor, count, max = meta('@floor'), tonumber(ARGV[2]), tonumber(ARGV[5])
redis.call('HSET', book, '@pending', ARGV[3])
if count < floor then
  local answer = {'done', '0', '0'}
  for nonce = math.max(count, floor - max), floor - 1 do
    local value = kept(nonce, max)
    if value then answer[#answer + 1] = string.match(value, '^(%d+|[^|]*|)') end
  end
  local since = meta('@behind')
  if since == 0 then
    redis.call('HSET', book, '@behind', text(now))
  elseif now - since >= tonumber(ARGV[4]) then
    restore(count, floor, max)
    redis.call('HSET', book, '@floor', ARGV[2])
    redis.call('HDEL', book, '@behind')
    answer[3] = '1'
  end
  return answer
end
local first = math.max(floor, meta('@first'))
local unknown = math.max(0, count - first)
if now < meta('@ready') then unknown = 0 end
for _, e in ipairs(all()) do
  if e.nonce < count then
    if unknown > 0 and e.nonce >= first and e.attempts ~= '' then unknown = unknown - 1 end
    if not doubtful(e) then redis.call('HDEL', book, text(e.nonce)) end
  end
end
redis.call('HSET', book, '@floor', ARGV[2])
redis.call('HDEL', book, '@behind')
return {'done', text(unknown), '0'}
