-- KEYS: envelopes. ARGV: lease ms, then the owner of each. Answers m(ine), b(usy), or the value of a published one.
local answers = {}
for i, key in ipairs(KEYS) do
  local mine = 'c' .. ARGV[i + 1]
  -- Nearly every claim is the first for its envelope, and takes one command.
  if redis.call('SET', key, mine, 'NX', 'PX', ARGV[1]) then
    answers[i] = 'm'
  else
    local value = redis.call('GET', key)
    if value == mine then
      redis.call('SET', key, mine, 'PX', ARGV[1])
      answers[i] = 'm'
    elseif string.sub(value, 1, 1) == 'c' then
      answers[i] = 'b'
    else
      answers[i] = value
    end
  end
end
return answers
