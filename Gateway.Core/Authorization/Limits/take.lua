-- Takes for each publish all or nothing, one publish after the other. ARGV: how many publishes, how many keys each
-- has, and 5 values for each key. Answers two a publish: 0 and the store's time in milliseconds, or the place (from
-- 1) of the charge that waits longest and how many milliseconds. A bucket that several publishes share is read and
-- written once.
local answers, buckets, changed, stamp = {}, {}, {}, text(now)
local first, a0 = 1, tonumber(ARGV[1]) + 2
for p = 1, tonumber(ARGV[1]) do
  local count = tonumber(ARGV[p + 1])
  local levels, worst, longest = {}, 0, 0
  for i = 1, count do
    local a, key, wait = a0 + (i - 1) * 5, KEYS[first + i - 1], 0
    if ARGV[a] == 'r' then
      local period, refill = tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
      local level = buckets[key]
      if not level then
        local value = redis.call('GET', key)
        level = tonumber(ARGV[a + 1]) * period
        if value then
          local had, at = string.match(value, '^(%d+):(%d+)$')
          level = math.min(level, tonumber(had) + math.max(0, now - tonumber(at)) * refill)
        end
        buckets[key] = level
      end
      level = level - tonumber(ARGV[a + 4]) * period
      if level < 0 then wait = math.ceil(-level / refill) end
      levels[i] = level
    else
      local value = redis.call('GET', key)
      if value and above(value, ARGV[a + 1]) then wait = ends(ARGV[a]) - now end
      levels[i] = value or false
    end
    if wait > longest then worst, longest = i, wait end
  end
  for i = 1, worst > 0 and 0 or count do
    local a, key = a0 + (i - 1) * 5, KEYS[first + i - 1]
    if ARGV[a] == 'r' then
      buckets[key], changed[key] = levels[i], a
    else
      redis.call('INCRBY', key, ARGV[a + 2])
      if not levels[i] then redis.call('PEXPIRE', key, text(ends(ARGV[a]) - now)) end
    end
  end
  answers[p * 2 - 1], answers[p * 2] = worst, worst > 0 and text(longest) or stamp
  first, a0 = first + count, a0 + count * 5
end
for key, a in pairs(changed) do
  local full = math.ceil((tonumber(ARGV[a + 1]) * tonumber(ARGV[a + 2]) - buckets[key]) / tonumber(ARGV[a + 3]))
  redis.call('SET', key, text(buckets[key]) .. ':' .. stamp, 'PX', text(math.max(1, full)))
end
return answers
