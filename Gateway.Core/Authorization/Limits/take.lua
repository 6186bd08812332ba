-- Takes for each publish all or nothing, one publish after the other. KEYS: each limit once. ARGV: 5 values for each key, with the cost
-- of all publishes together; for a budget the most that may be used already before all of them, or - where they never fit. Behind
-- them one text with the charges of each publish: how many, and for each the place of its key, its cost, and the most that may be used
-- already. Answers the store's time in milliseconds when all took. Else two for each publish: 0 and that time, or the place (from 1) of
-- the charge that waits longest and how many milliseconds.
local values, levels, stamp, fit = {}, {}, text(now), true
for i, key in ipairs(KEYS) do
  local a = i * 5 - 4
  values[i] = redis.call('GET', key)
  if ARGV[a] == 'r' then
    levels[i] = level(values[i], a)
    fit = fit and levels[i] >= tonumber(ARGV[a + 4]) * tonumber(ARGV[a + 2])
  else
    fit = fit and ARGV[a + 1] ~= '-' and not (values[i] and above(values[i], ARGV[a + 1]))
  end
end
-- What all of them take together fits nearly always: then each one fits.
if fit then
  for i, key in ipairs(KEYS) do
    local a = i * 5 - 4
    if ARGV[a] == 'r' then
      keep(key, a, levels[i] - tonumber(ARGV[a + 4]) * tonumber(ARGV[a + 2]))
    else
      spend(key, a, ARGV[a + 2], values[i])
    end
  end
  return stamp
end
local answers, changed, next = {}, {}, string.gmatch(ARGV[#ARGV], '%d+')
local count = next()
while count do
  local charges, worst, longest = {}, 0, 0
  for c = 1, tonumber(count) do
    local i, cost, most, wait = tonumber(next()), next(), next(), 0
    local a = i * 5 - 4
    charges[c] = { i, cost }
    if ARGV[a] == 'r' then
      local left = levels[i] - tonumber(cost) * tonumber(ARGV[a + 2])
      if left < 0 then wait = math.ceil(-left / tonumber(ARGV[a + 3])) end
    elseif values[i] and above(values[i], most) then
      wait = ends(ARGV[a]) - now
    end
    if wait > longest then worst, longest = c, wait end
  end
  for _, charge in ipairs(worst > 0 and {} or charges) do
    local i, cost = charge[1], charge[2]
    local a = i * 5 - 4
    if ARGV[a] == 'r' then
      levels[i], changed[i] = levels[i] - tonumber(cost) * tonumber(ARGV[a + 2]), true
    else
      spend(KEYS[i], a, cost, values[i])
      values[i] = redis.call('GET', KEYS[i])
    end
  end
  answers[#answers + 1] = worst
  answers[#answers + 1] = worst > 0 and text(longest) or stamp
  count = next()
end
for i in pairs(changed) do keep(KEYS[i], i * 5 - 4, levels[i]) end
return answers
