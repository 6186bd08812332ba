-- What every operation begins with. Each is one atomic step inside the store, with the store's own clock.
-- KEYS[1] is a hash of the entries, KEYS[2] a hash of the raw transactions, KEYS[3] a hash of the newest mined
-- transactions by their nonce modulo how many are kept, each nonce|attempts|raw; all hash to one slot.
-- An entry's field is the nonce in decimal, its value state|owner|lease end|since|attempts with times in milliseconds;
-- states are r(eserved), s(igned), b(roadcast), x (refused). Fields that begin with @ are about the whole: @epoch (which
-- life of the store this is), @genesis, @floor, @first (what is below was used or in the mempool before), @pending,
-- @ready (nothing is offered before), @behind, @layout (the version of this layout; 1 where it is missing).
-- Attempts are separated by commas; TransactionAttempt has their form. Layout 2 added the payload's key to them.
-- An entry that cannot be read counts as sent by a process that is gone.
-- ARGV[1] is the epoch that the caller knows: another one, or none, means that the store was emptied.
-- Numbers leave Lua as text, because its doubles would turn into exponents or be cut to integers.
local book, raws, mined, epoch = KEYS[1], KEYS[2], KEYS[3], ARGV[1]
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
local function text(n) return string.format('%.0f', n) end
local function parse(value)
  if not value then return nil end
  local state, owner, till, since, attempts = string.match(value, '^([rsbx])|([^|]*)|(%d+)|(%d+)|(.*)$')
  if not state then return { state = 'b', owner = '', till = 0, since = now, attempts = '' } end
  return { state = state, owner = owner, till = tonumber(till), since = tonumber(since), attempts = attempts }
end
local function get(nonce) return parse(redis.call('HGET', book, nonce)) end
local function put(nonce, e)
  redis.call('HSET', book, nonce, e.state .. '|' .. e.owner .. '|' .. text(e.till) .. '|' .. text(e.since) .. '|' .. e.attempts)
end
local function meta(name) return tonumber(redis.call('HGET', book, name) or '0') end
local function all()
  local flat, list = redis.call('HGETALL', book), {}
  for i = 1, #flat, 2 do
    local nonce = tonumber(flat[i])
    if nonce then
      local e = parse(flat[i + 1])
      e.nonce = nonce
      list[#list + 1] = e
    end
  end
  table.sort(list, function(a, b) return a.nonce < b.nonce end)
  return list
end
local function doubtful(e) return e.state == 's' or e.state == 'b' end
local function taken(e) return doubtful(e) or (e.state == 'r' and e.till > now) end
local function free(nonce, e)
  redis.call('HDEL', raws, nonce)
  if e.attempts == '' then redis.call('HDEL', book, nonce) return end
  e.state, e.owner = 'x', ''
  put(nonce, e)
end
local function minedNonce(value) return value and tonumber(string.match(value, '^(%d+)|')) end
local function kept(nonce, max)
  local value = max > 0 and redis.call('HGET', mined, text(nonce % max))
  return minedNonce(value) == nonce and value
end
-- Enters kept transactions again, as those of a process that was lost.
local function restore(from, to, max)
  local restored = 0
  for nonce = math.max(from, to - max), to - 1 do
    local value = kept(nonce, max)
    if value then
      local attempts, raw = string.match(value, '^%d+|([^|]*)|(.*)$')
      redis.call('HDEL', mined, text(nonce % max))
      if redis.call('HEXISTS', book, text(nonce)) == 0 then
        put(text(nonce), { state = 'b', owner = '', till = 0, since = now, attempts = attempts })
        redis.call('HSET', raws, text(nonce), raw)
        restored = restored + 1
      end
    end
  end
  return restored
end
local function forgotten() return redis.call('HGET', book, '@epoch') ~= epoch end
