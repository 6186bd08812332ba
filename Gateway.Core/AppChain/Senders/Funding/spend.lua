-- Counts an amount as spent. ARGV: owner, lease ms, how long the hash is kept in ms, the sender, how long after an amount for it the next
-- one is counted in ms, the amount, the least amount, the most of a day. Answers done, capped, recent or busy, then the amount that is
-- counted, what is spent today, and the day.
local before = spent()
local function answer(status, amount) return {status, text(amount), text(before + amount), text(today)} end
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] or field('until') <= now then return answer('busy', 0) end
local amount = math.min(tonumber(ARGV[6]), math.max(0, tonumber(ARGV[8]) - before))
if amount < tonumber(ARGV[7]) then return answer('capped', 0) end
if now - field('t|' .. ARGV[4]) < tonumber(ARGV[5]) then return answer('recent', 0) end
redis.call('HSET', KEYS[1], 'day', text(today), 'spent', text(before + amount), 't|' .. ARGV[4], text(now),
  'until', text(now + tonumber(ARGV[2])))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return answer('done', amount)
