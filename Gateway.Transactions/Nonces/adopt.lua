-- ARGV: epoch, owner, lease ms, limit. Answers floor, now, then nonce, entry, raw of each.
if forgotten() then return {'forgotten'} end
local answer, room = {'done', text(meta('@floor')), text(now)}, tonumber(ARGV[4])
for _, e in ipairs(all()) do
  if room > 0 and doubtful(e) and e.till <= now then
    e.owner, e.till, room = ARGV[2], now + tonumber(ARGV[3]), room - 1
    local nonce = text(e.nonce)
    put(nonce, e)
    answer[#answer + 1] = nonce
    answer[#answer + 1] = redis.call('HGET', book, nonce)
    answer[#answer + 1] = redis.call('HGET', raws, nonce) or ''
  end
end
return answer
