-- ARGV: epoch, owner, lease ms, count, above or '', cap, 1 for gaps only.
if forgotten() then return {'forgotten'} end
local owner, lease, room = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local answer, byNonce, inflight, last, floor = {'done'}, {}, 0, -1, meta('@floor')
for _, e in ipairs(all()) do
  byNonce[e.nonce] = e
  if taken(e) and e.nonce >= floor then inflight = inflight + 1 end
  if doubtful(e) then last = e.nonce end
  if e.state == 'r' and e.owner == owner then answer[#answer + 1] = text(e.nonce) end
end
if #answer > 1 then return answer end
if now < meta('@ready') then return {'settling'} end
local nonce = math.max(floor, meta('@pending'))
if ARGV[7] ~= '1' then
  room = math.min(room, tonumber(ARGV[6]) - inflight)
  last = math.huge
  if ARGV[5] ~= '' then nonce = math.max(nonce, tonumber(ARGV[5]) + 1) end
end
while #answer - 1 < room and nonce < last do
  local e = byNonce[nonce]
  if not (e and taken(e)) then
    put(text(nonce), { state = 'r', owner = owner, till = now + lease, since = now, attempts = e and e.attempts or '' })
    answer[#answer + 1] = text(nonce)
  end
  nonce = nonce + 1
end
if #answer == 1 then return {'full'} end
return answer
