-- KEYS: envelopes. ARGV: lease ms, then the claim of each. A claim that lapsed unnoticed is made again. Answers 1 for
-- each that is the owner's.
local answers = {}
for i, key in ipairs(KEYS) do
  local value, mine = redis.call('GET', key), ARGV[i + 1]
  answers[i] = 0
  if not value or value == mine then
    redis.call('SET', key, mine, 'PX', ARGV[1])
    answers[i] = 1
  end
end
return answers
