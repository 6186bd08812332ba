-- ARGV: epoch, mined, pending, timeout ms. Answers how many nonces nobody here signed, and whether it went back.
if forgotten() then return {'forgotten'} end
local floor, mined = meta('@floor'), tonumber(ARGV[2])
redis.call('HSET', book, '@pending', ARGV[3])
if mined < floor then
  local since = meta('@behind')
  if since == 0 then
    redis.call('HSET', book, '@behind', text(now))
  elseif now - since >= tonumber(ARGV[4]) then
    redis.call('HSET', book, '@floor', ARGV[2])
    redis.call('HDEL', book, '@behind')
    return {'done', '0', '1'}
  end
  return {'done', '0', '0'}
end
local first = math.max(floor, meta('@first'))
local unknown = math.max(0, mined - first)
if now < meta('@ready') then unknown = 0 end
for _, e in ipairs(all()) do
  if e.nonce < mined then
    if unknown > 0 and e.nonce >= first and e.versions ~= '' then unknown = unknown - 1 end
    if not doubtful(e) then redis.call('HDEL', book, text(e.nonce)) end
  end
end
redis.call('HSET', book, '@floor', ARGV[2])
redis.call('HDEL', book, '@behind')
return {'done', text(unknown), '0'}
