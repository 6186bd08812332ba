-- KEYS: envelopes. ARGV: lease ms, then the claim of each, or one for all: c and its owner. Answers 1 when all are granted; else for
-- each m(ine), b(usy), or the value of a published one.
local answers, all = {}, true
for i, key in ipairs(KEYS) do
  local mine = ARGV[i + 1] or ARGV[2]
  answers[i] = 'm'
  -- Nearly every claim is the first for its envelope, and takes one command.
  if not redis.call('SET', key, mine, 'NX', 'PX', ARGV[1]) then
    local value = redis.call('GET', key)
    if value == mine then
      redis.call('SET', key, mine, 'PX', ARGV[1])
    else
      all = false
      answers[i] = string.sub(value, 1, 1) == 'c' and 'b' or value
    end
  end
end
if all then return 1 end
return answers
