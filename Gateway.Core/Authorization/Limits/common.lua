-- What every operation begins with. Each is one atomic step inside Redis, by its own clock.
-- A key is a limit. A bucket's value is level:milliseconds, its level in thousandths of its period; a spend counter's is a
-- whole number of picodollars. Keys end when the bucket is full or the window is over: no key is a limit that nobody has used.
-- Buckets stay below 2^53, so Lua's doubles are exact for them. Money does not, so Lua never counts with it: sums are
-- INCRBY and DECRBY, which are 64-bit integers, and comparisons are made on the digits.
-- ARGV holds 5 values for each key: r, capacity, period in ms, refill, cost; or d or m, the most that may be used
-- already, the cost, and two that are not read.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local function text(n) return string.format('%.0f', n) end
local function above(a, b)
  if #a ~= #b then return #a > #b end
  return a > b
end
local function ends(period, at)
  local days = math.floor((at or now) / 86400000)
  if period == 'd' then return (days + 1) * 86400000 end
  -- the civil date of a day: years begin in March, eras have 400 years
  local z = days + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local year = yoe + era * 400
  -- the month after: in the same count of months since March
  mp = mp + 1
  if mp == 12 then mp = 0 year = year + 1 end
  local begun = math.floor((153 * mp + 2) / 5)
  local e = math.floor(year / 400)
  local y = year - e * 400
  return (e * 146097 + y * 365 + math.floor(y / 4) - math.floor(y / 100) + begun - 719468) * 86400000
end
-- What is left in a bucket by now.
local function level(value, a)
  local most = tonumber(ARGV[a + 1]) * tonumber(ARGV[a + 2])
  if not value then return most end
  local had, at = string.match(value, '^(%d+):(%d+)$')
  return math.min(most, tonumber(had) + math.max(0, now - tonumber(at)) * tonumber(ARGV[a + 3]))
end
local function keep(key, a, left)
  local full = math.ceil((tonumber(ARGV[a + 1]) * tonumber(ARGV[a + 2]) - left) / tonumber(ARGV[a + 3]))
  redis.call('SET', key, text(left) .. ':' .. text(now), 'PX', text(math.max(1, full)))
end
local function spend(key, a, cost, before)
  redis.call('INCRBY', key, cost)
  if not before then redis.call('PEXPIRE', key, text(ends(ARGV[a]) - now)) end
end
