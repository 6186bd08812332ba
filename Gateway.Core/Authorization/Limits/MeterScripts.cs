namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>The store's operations as Lua: each is one atomic step inside Redis, by its own clock.</summary>
/// <remarks>
/// A key is a meter. A bucket's value is <c>level:milliseconds</c>, its level in thousandths of its period; a purse's
/// value is a whole number of picodollars. Keys end when the bucket is full or the window is over: no key is a full
/// meter. Buckets stay below 2⁵³, so Lua's doubles are exact for them. Money does not, so Lua never counts with it: sums
/// are INCRBY and DECRBY, which are 64-bit integers, and comparisons are made on the digits.
/// ARGV holds 5 values for each key: <c>r</c>, capacity, period in ms, refill, cost; or <c>d</c> or <c>m</c>, the most
/// that may be used already, the cost, and two that are not read.
/// </remarks>
internal static class MeterScripts
{
    private const string Prelude = """
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

        """;

    /// <summary>
    /// Takes for each publish all or nothing, one publish after the other. ARGV: how many publishes, how many keys each has,
    /// and 5 values for each key. Answers two a publish: 0 and the store's time in milliseconds, or the place (from 1) of
    /// the charge that waits longest and how many milliseconds.
    /// </summary>
    public const string Take = Prelude + """
        local answers = {}
        local first, a0 = 1, tonumber(ARGV[1]) + 2
        for p = 1, tonumber(ARGV[1]) do
          local count = tonumber(ARGV[p + 1])
          local levels, worst, longest = {}, 0, 0
          for i = 1, count do
            local a, key = a0 + (i - 1) * 5, KEYS[first + i - 1]
            local value, wait = redis.call('GET', key), 0
            if ARGV[a] == 'r' then
              local period, refill = tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
              local most = tonumber(ARGV[a + 1]) * period
              local level = most
              if value then
                local had, at = string.match(value, '^(%d+):(%d+)$')
                level = math.min(most, tonumber(had) + math.max(0, now - tonumber(at)) * refill)
              end
              level = level - tonumber(ARGV[a + 4]) * period
              if level < 0 then wait = math.ceil(-level / refill) end
              levels[i] = level
            elseif value and above(value, ARGV[a + 1]) then
              wait = ends(ARGV[a]) - now
            end
            if wait > longest then worst, longest = i, wait end
          end
          for i = 1, worst > 0 and 0 or count do
            local a, key = a0 + (i - 1) * 5, KEYS[first + i - 1]
            if ARGV[a] == 'r' then
              local most = tonumber(ARGV[a + 1]) * tonumber(ARGV[a + 2])
              local full = math.ceil((most - levels[i]) / tonumber(ARGV[a + 3]))
              redis.call('SET', key, text(levels[i]) .. ':' .. text(now), 'PX', text(math.max(1, full)))
            else
              redis.call('INCRBY', key, ARGV[a + 2])
              redis.call('PEXPIRE', key, text(ends(ARGV[a]) - now))
            end
          end
          answers[p * 2 - 1], answers[p * 2] = worst, worst > 0 and text(longest) or text(now)
          first, a0 = first + count, a0 + count * 5
        end
        return answers
        """;

    /// <summary>Gives back what was taken. ARGV holds 5 values for each key, and behind them when it was taken, in milliseconds.</summary>
    public const string GiveBack = Prelude + """
        local taken = tonumber(ARGV[#ARGV])
        for i = 1, #KEYS do
          local a = i * 5 - 4
          local value = redis.call('GET', KEYS[i])
          if value and ARGV[a] == 'r' then
            local period, refill = tonumber(ARGV[a + 2]), tonumber(ARGV[a + 3])
            local most = tonumber(ARGV[a + 1]) * period
            local had, at = string.match(value, '^(%d+):(%d+)$')
            local level = math.min(most, tonumber(had) + math.max(0, now - tonumber(at)) * refill)
            level = math.min(most, level + tonumber(ARGV[a + 4]) * period)
            redis.call('SET', KEYS[i], text(level) .. ':' .. text(now), 'PX', text(math.max(1, math.ceil((most - level) / refill))))
          elseif value and ends(ARGV[a], taken) == ends(ARGV[a]) then
            if above(value, ARGV[a + 2]) then redis.call('DECRBY', KEYS[i], ARGV[a + 2]) else redis.call('DEL', KEYS[i]) end
          end
        end
        return 'done'
        """;

    /// <summary>Lets sums be at least so much. ARGV holds 2 values for each key: d or m, the amount's digits.</summary>
    public const string Raise = Prelude + """
        for i = 1, #KEYS do
          local period, amount = ARGV[i * 2 - 1], ARGV[i * 2]
          local value = redis.call('GET', KEYS[i])
          if not value or above(amount, value) then redis.call('SET', KEYS[i], amount, 'PX', text(ends(period) - now)) end
        end
        return 'done'
        """;

    /// <summary>Adds to sums, or takes off down to zero. ARGV holds 3 values for each key: d or m, + or -, the amount's digits.</summary>
    public const string Correct = Prelude + """
        for i = 1, #KEYS do
          local period, sign, amount = ARGV[i * 3 - 2], ARGV[i * 3 - 1], ARGV[i * 3]
          local value = redis.call('GET', KEYS[i])
          if sign == '+' then
            redis.call('INCRBY', KEYS[i], amount)
            redis.call('PEXPIRE', KEYS[i], text(ends(period) - now))
          elseif value and above(value, amount) then
            redis.call('DECRBY', KEYS[i], amount)
          elseif value then
            redis.call('DEL', KEYS[i])
          end
        end
        return 'done'
        """;
}
