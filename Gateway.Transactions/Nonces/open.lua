-- ARGV: epoch for a new store, genesis or '' where it is not known, mined, pending, settling ms, lease ms, layout, then nonce, state,
-- owner, attempts, raw of each.
local found = redis.call('HGET', book, '@epoch')
if found and tonumber(redis.call('HGET', book, '@layout') or '1') > tonumber(ARGV[7]) then return {'newer'} end
local genesis = redis.call('HGET', book, '@genesis')
if found and ARGV[2] ~= '' and genesis and genesis ~= '' and genesis ~= ARGV[2] then
  redis.call('DEL', book, raws, mined)
  found = false
elseif found and ARGV[2] ~= '' then
  redis.call('HSET', book, '@genesis', ARGV[2])
end
if not found then
  found = epoch
  redis.call('DEL', raws, mined)
  redis.call('HSET', book, '@epoch', epoch, '@genesis', ARGV[2], '@floor', ARGV[3], '@first', ARGV[4],
    '@ready', text(now + tonumber(ARGV[5])))
end
redis.call('HSET', book, '@pending', ARGV[4], '@layout', ARGV[7])
local floor = meta('@floor')
for i = 8, #ARGV, 5 do
  local nonce, e = ARGV[i], get(ARGV[i])
  if tonumber(nonce) >= floor and not (e and taken(e)) then
    put(nonce, { state = ARGV[i + 1], owner = ARGV[i + 2], till = now + tonumber(ARGV[6]), since = now, attempts = ARGV[i + 3] })
    if ARGV[i + 4] ~= '' then redis.call('HSET', raws, nonce, ARGV[i + 4]) end
  end
end
return {'done', found}
