namespace Xmtp.Gateway.Idempotency;

/// <summary>The shared store's operations as Lua, each one atomic step.</summary>
/// <remarks>
/// A key a envelope; its value is <c>c</c> and the owner while it is claimed (expires with the lease), <c>d</c> and the
/// stored answer once it is published (expires with the window), or <c>p</c> where answers are kept on another server. Times are the store's own.
/// </remarks>
internal static class RedisPublishedScripts
{
    // KEYS: envelopes. ARGV: lease ms, then the owner of each. Answers m(ine), b(usy), or the value of a published one.
    public const string Claim = """
        local answers = {}
        for i, key in ipairs(KEYS) do
          local value, mine = redis.call('GET', key), 'c' .. ARGV[i + 1]
          if not value or value == mine then
            redis.call('SET', key, mine, 'PX', ARGV[1])
            answers[i] = 'm'
          elseif string.sub(value, 1, 1) == 'c' then
            answers[i] = 'b'
          else
            answers[i] = value
          end
        end
        return answers
        """;

    // KEYS[1]: the envelope. ARGV: owner, lease ms.
    public const string Seize = """
        local value = redis.call('GET', KEYS[1])
        if value and string.sub(value, 1, 1) ~= 'c' then return value end
        redis.call('SET', KEYS[1], 'c' .. ARGV[1], 'PX', ARGV[2])
        return 'm'
        """;

    // KEYS: envelopes. ARGV: window ms, then the value of each. A result is a fact, whoever has the claim by now.
    public const string Publish = """
        for i, key in ipairs(KEYS) do
          local value = redis.call('GET', key)
          if not value or string.sub(value, 1, 1) == 'c' then redis.call('SET', key, ARGV[i + 1], 'PX', ARGV[1]) end
        end
        return 1
        """;

    // KEYS[1]: the envelope. ARGV: owner.
    public const string Release = """
        if redis.call('GET', KEYS[1]) == 'c' .. ARGV[1] then redis.call('DEL', KEYS[1]) end
        return 1
        """;

    // KEYS: envelopes. ARGV: lease ms, then the owner of each. A claim that lapsed unnoticed is made again. Answers 1 for each that is the owner's.
    public const string Renew = """
        local answers = {}
        for i, key in ipairs(KEYS) do
          local value, mine = redis.call('GET', key), 'c' .. ARGV[i + 1]
          answers[i] = 0
          if not value or value == mine then
            redis.call('SET', key, mine, 'PX', ARGV[1])
            answers[i] = 1
          end
        end
        return answers
        """;
}
