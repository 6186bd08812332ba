-- ARGV: epoch. Answers as Adopt.
if forgotten() then return {'forgotten'} end
local answer = {'done', text(meta('@floor')), text(now)}
for _, e in ipairs(all()) do
  local nonce = text(e.nonce)
  answer[#answer + 1] = nonce
  answer[#answer + 1] = redis.call('HGET', book, nonce)
  answer[#answer + 1] = ''
end
return answer
