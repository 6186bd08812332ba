-- KEYS: the entries and the raw transactions of each account, in turn. ARGV[1]: 1 for transactions whose lease has ended only.
-- Answers the places of the accounts that have a transaction in doubt, from 0. Writes nothing.
local answer = {}
for i = 1, #KEYS, 2 do
  if redis.call('HLEN', KEYS[i + 1]) > 0 then
    book = KEYS[i]
    for _, e in ipairs(all()) do
      if doubtful(e) and (ARGV[1] ~= '1' or e.till <= now) then
        answer[#answer + 1] = text((i - 1) / 2)
        break
      end
    end
  end
end
return answer
