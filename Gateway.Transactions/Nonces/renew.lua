-- ARGV: epoch, lease ms, then nonce, owner of each. Answers the nonces that are gone.
if forgotten() then return {'forgotten'} end
local answer, floor = {'done'}, meta('@floor')
for i = 3, #ARGV, 2 do
  local e = get(ARGV[i])
  if e and e.owner == ARGV[i + 1] then
    e.till = now + tonumber(ARGV[2])
    put(ARGV[i], e)
  elseif tonumber(ARGV[i]) >= floor then
    answer[#answer + 1] = ARGV[i]
  end
end
return answer
