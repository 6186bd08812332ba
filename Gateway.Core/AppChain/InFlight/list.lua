-- Answers the time, then each account and its time. KEYS[1]: enter.lua has the layout. Writes nothing.
local answer = {redis.call('TIME')[1]}
for _, value in ipairs(redis.call('HGETALL', KEYS[1])) do answer[#answer + 1] = value end
return answer
