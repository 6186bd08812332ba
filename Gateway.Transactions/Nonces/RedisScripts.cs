namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>The ledger's operations as Lua: each is one atomic step inside the store, with the store's own clock.</summary>
/// <remarks>
/// KEYS[1] is a hash of the entries, KEYS[2] a hash of the raw transactions; both hash to one slot.
/// An entry's field is the nonce in decimal, its value <c>state|owner|lease end|since|versions</c> with times in
/// milliseconds; states are r(eserved), s(igned), b(roadcast), x (refused). Fields that begin with @ are about the whole:
/// @epoch (which life of the ledger this is), @genesis, @floor, @first (what is below was used or in the mempool before),
/// @pending, @ready (nothing is offered before), @behind, @layout (the version of all this; 1 where it is missing).
/// Versions are separated by commas; <see cref="TransactionVersion"/> has their form. Layout 2 added the payload's key to
/// them. An entry that cannot be read counts as sent by a process that is gone.
/// ARGV[1] is the epoch that the caller knows: another one, or none, means that the store was emptied.
/// Numbers leave Lua as text, because its doubles would turn into exponents or be cut to integers.
/// </remarks>
internal static class RedisScripts
{
    /// <summary>The newest layout that this release reads, and the one that it writes.</summary>
    public const string Layout = "2";

    public const string LayoutField = "@layout";

    private const string Prelude = """
        local book, raws, epoch = KEYS[1], KEYS[2], ARGV[1]
        local clock = redis.call('TIME')
        local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000)
        local function text(n) return string.format('%.0f', n) end
        local function parse(value)
          if not value then return nil end
          local state, owner, till, since, versions = string.match(value, '^([rsbx])|([^|]*)|(%d+)|(%d+)|(.*)$')
          if not state then return { state = 'b', owner = '', till = 0, since = now, versions = '' } end
          return { state = state, owner = owner, till = tonumber(till), since = tonumber(since), versions = versions }
        end
        local function get(nonce) return parse(redis.call('HGET', book, nonce)) end
        local function put(nonce, e)
          redis.call('HSET', book, nonce, e.state .. '|' .. e.owner .. '|' .. text(e.till) .. '|' .. text(e.since) .. '|' .. e.versions)
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
          if e.versions == '' then redis.call('HDEL', book, nonce) return end
          e.state, e.owner = 'x', ''
          put(nonce, e)
        end

        """;

    private const string Known = """
        if redis.call('HGET', book, '@epoch') ~= epoch then return {'forgotten'} end

        """;

    // ARGV: epoch for a new ledger, genesis or '' where it is not known, mined, pending, settling ms, lease ms, then nonce, state, owner, versions, raw of each.
    public const string Open = Prelude + $$"""
        local found = redis.call('HGET', book, '@epoch')
        if found and tonumber(redis.call('HGET', book, '{{LayoutField}}') or '1') > {{Layout}} then return {'newer'} end
        local genesis = redis.call('HGET', book, '@genesis')
        if found and ARGV[2] ~= '' and genesis and genesis ~= '' and genesis ~= ARGV[2] then
          redis.call('DEL', book, raws)
          found = false
        elseif found and ARGV[2] ~= '' then
          redis.call('HSET', book, '@genesis', ARGV[2])
        end
        if not found then
          found = epoch
          redis.call('HSET', book, '@epoch', epoch, '@genesis', ARGV[2], '@floor', ARGV[3], '@first', ARGV[4], '@ready', text(now + tonumber(ARGV[5])))
        end
        redis.call('HSET', book, '@pending', ARGV[4], '{{LayoutField}}', '{{Layout}}')
        local floor = meta('@floor')
        for i = 7, #ARGV, 5 do
          local nonce, e = ARGV[i], get(ARGV[i])
          if tonumber(nonce) >= floor and not (e and taken(e)) then
            put(nonce, { state = ARGV[i + 1], owner = ARGV[i + 2], till = now + tonumber(ARGV[6]), since = now, versions = ARGV[i + 3] })
            if ARGV[i + 4] ~= '' then redis.call('HSET', raws, nonce, ARGV[i + 4]) end
          end
        end
        return {'done', found}
        """;

    // ARGV: epoch, owner, lease ms, count, above or '', cap, 1 for gaps only.
    public const string Reserve = Prelude + Known + """
        local owner, lease, room = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
        local answer, byNonce, inflight, last = {'done'}, {}, 0, -1
        for _, e in ipairs(all()) do
          byNonce[e.nonce] = e
          if taken(e) then inflight = inflight + 1 end
          if doubtful(e) then last = e.nonce end
          if e.state == 'r' and e.owner == owner then answer[#answer + 1] = text(e.nonce) end
        end
        if #answer > 1 then return answer end
        if now < meta('@ready') then return {'settling'} end
        local nonce = math.max(meta('@floor'), meta('@pending'))
        if ARGV[7] ~= '1' then
          room = math.min(room, tonumber(ARGV[6]) - inflight)
          last = math.huge
          if ARGV[5] ~= '' then nonce = math.max(nonce, tonumber(ARGV[5]) + 1) end
        end
        while #answer - 1 < room and nonce < last do
          local e = byNonce[nonce]
          if not (e and taken(e)) then
            put(text(nonce), { state = 'r', owner = owner, till = now + lease, since = now, versions = e and e.versions or '' })
            answer[#answer + 1] = text(nonce)
          end
          nonce = nonce + 1
        end
        if #answer == 1 then return {'full'} end
        return answer
        """;

    // ARGV: epoch, lease ms, then nonce, owner of each. Answers the nonces that are gone.
    public const string Renew = Prelude + Known + """
        local answer, floor = {'done'}, meta('@floor')
        for i = 3, #ARGV, 2 do
          local e = get(ARGV[i])
          if e and e.owner == ARGV[i + 1] then
            e.till = now + tonumber(ARGV[2])
            put(ARGV[i], e)
          elseif tonumber(ARGV[i]) >= floor then
            answer[#answer + 1] = ARGV[i]
          end
        end
        return answer
        """;

    // ARGV: epoch, nonce, owner.
    public const string Release = Prelude + Known + """
        local e = get(ARGV[2])
        if not e or e.owner ~= ARGV[3] or e.state ~= 'r' then return {'notyours'} end
        free(ARGV[2], e)
        return {'done'}
        """;

    // ARGV: epoch, nonce, owner, lease ms, hash, version, raw, the payload's key or ''.
    public const string Sign = Prelude + Known + """
        if tonumber(ARGV[2]) < meta('@floor') then return {'used'} end
        local e = get(ARGV[2])
        if not e or e.owner ~= ARGV[3] then return {'notyours'} end
        if e.state == 'r' then
          e.versions = ''
        elseif string.find(e.versions, ARGV[5], 1, true) then
          return {'done'}
        end
        if ARGV[8] ~= '' then
          for _, o in ipairs(all()) do
            if doubtful(o) and text(o.nonce) ~= ARGV[2] and string.find(o.versions, ARGV[8], 1, true) then return {'elsewhere'} end
          end
        end
        if e.state ~= 'b' then e.state = 's' end
        e.till = now + tonumber(ARGV[4])
        e.versions = e.versions == '' and ARGV[6] or (e.versions .. ',' .. ARGV[6])
        put(ARGV[2], e)
        redis.call('HSET', raws, ARGV[2], ARGV[7])
        return {'done'}
        """;

    // ARGV: epoch, nonce, owner.
    public const string Broadcast = Prelude + Known + """
        local e = get(ARGV[2])
        if not e or e.owner ~= ARGV[3] or not doubtful(e) then return {'notyours'} end
        e.state = 'b'
        put(ARGV[2], e)
        return {'done'}
        """;

    // ARGV: epoch, nonce, owner.
    public const string Refuse = Prelude + Known + """
        local e = get(ARGV[2])
        if not e or e.owner ~= ARGV[3] or e.state ~= 's' then return {'notyours'} end
        free(ARGV[2], e)
        return {'done'}
        """;

    // ARGV: epoch, nonce.
    public const string Finish = Prelude + Known + """
        redis.call('HDEL', book, ARGV[2])
        redis.call('HDEL', raws, ARGV[2])
        if tonumber(ARGV[2]) + 1 > meta('@floor') then redis.call('HSET', book, '@floor', text(tonumber(ARGV[2]) + 1)) end
        return {'done'}
        """;

    // ARGV: epoch, mined, pending, patience ms. Answers how many nonces nobody here signed, and whether it went back.
    public const string Observe = Prelude + Known + """
        local floor, mined = meta('@floor'), tonumber(ARGV[2])
        redis.call('HSET', book, '@pending', ARGV[3])
        if mined < floor then
          local since = meta('@behind')
          if since == 0 then
            redis.call('HSET', book, '@behind', text(now))
          elseif now - since >= tonumber(ARGV[4]) then
            redis.call('HSET', book, '@floor', ARGV[2])
            redis.call('HDEL', book, '@behind')
            return {'done', '0', '1'}
          end
          return {'done', '0', '0'}
        end
        local first = math.max(floor, meta('@first'))
        local unknown = math.max(0, mined - first)
        if now < meta('@ready') then unknown = 0 end
        for _, e in ipairs(all()) do
          if e.nonce < mined then
            if unknown > 0 and e.nonce >= first and e.versions ~= '' then unknown = unknown - 1 end
            if not doubtful(e) then redis.call('HDEL', book, text(e.nonce)) end
          end
        end
        redis.call('HSET', book, '@floor', ARGV[2])
        redis.call('HDEL', book, '@behind')
        return {'done', text(unknown), '0'}
        """;

    // ARGV: epoch, owner, lease ms, limit. Answers floor, now, then nonce, entry, raw of each.
    public const string Adopt = Prelude + Known + """
        local answer, room = {'done', text(meta('@floor')), text(now)}, tonumber(ARGV[4])
        for _, e in ipairs(all()) do
          if room > 0 and doubtful(e) and e.till <= now then
            e.owner, e.till, room = ARGV[2], now + tonumber(ARGV[3]), room - 1
            local nonce = text(e.nonce)
            put(nonce, e)
            answer[#answer + 1] = nonce
            answer[#answer + 1] = redis.call('HGET', book, nonce)
            answer[#answer + 1] = redis.call('HGET', raws, nonce) or ''
          end
        end
        return answer
        """;

    // ARGV: epoch. Answers as Adopt.
    public const string List = Prelude + Known + """
        local answer = {'done', text(meta('@floor')), text(now)}
        for _, e in ipairs(all()) do
          local nonce = text(e.nonce)
          answer[#answer + 1] = nonce
          answer[#answer + 1] = redis.call('HGET', book, nonce)
          answer[#answer + 1] = ''
        end
        return answer
        """;
}
