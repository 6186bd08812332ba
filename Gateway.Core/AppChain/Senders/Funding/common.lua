-- What every operation begins with. KEYS[1] is a hash about the transfers of a payer to its senders: owner (the replica that may
-- transfer), until (the end of its lease), day (the number of a day in UTC), spent (what was spent on that day, in gwei, below 2^53), and
-- t|SENDER for each sender, when an amount for it was last counted. Times are in milliseconds, by this clock.
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local today = math.floor(tonumber(clock[1]) / 86400)
local function text(n) return string.format('%.0f', n) end
local function field(name) return tonumber(redis.call('HGET', KEYS[1], name) or '0') end
local function spent() return field('day') == today and field('spent') or 0 end
