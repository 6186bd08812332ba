-- KEYS: envelopes. ARGV: lease ms, then the owner of each. Answers m(ine), b(usy), or the value of a published one.
local answers = {}
for i, key in ipairs(KEYS) do
  local value, mine = redis.call('GET', key), 'c' .. ARGV[i + 1]
  if not value or value == mine then
    redis.call('SET', key, mine, 'PX', ARGV[1])
    answers[i] = 'm'
  elseif string.sub(value, 1, 1) == 'c' then
    answers[i] = 'b'
  else
    answers[i] = value
  end
end
return answers
