using System.Buffers;
using System.Buffers.Text;
using StackExchange.Redis;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// The charges of several publishes, as <c>take.lua</c> reads them: each limit once, with what all of them take together.
/// </summary>
internal sealed class TakeRequest
{
    private const int MaxDigits = 20;
    private const int TypicalLength = 64;
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<(UsageLimitCharge First, Int128 Total)> _limits = [];
    private readonly ArrayBufferWriter<byte> _publishes;

    /// <summary>Creates it.</summary>
    internal TakeRequest(IReadOnlyList<IReadOnlyList<UsageLimitCharge>> publishes)
    {
        _publishes = new(publishes.Count * TypicalLength);
        for (var i = 0; i < publishes.Count; i++)
        {
            Write(publishes[i].Count);
            for (var charge = 0; charge < publishes[i].Count; charge++) Add(publishes[i][charge]);
        }
    }

    /// <summary>KEYS, without the store's prefix.</summary>
    internal RedisKey[] Keys(RedisKey prefix)
    {
        var keys = new RedisKey[_limits.Count];
        for (var i = 0; i < keys.Length; i++) keys[i] = ((RedisKey)_limits[i].First.Key).Prepend(prefix);
        return keys;
    }

    /// <summary>ARGV.</summary>
    internal RedisValue[] Arguments()
    {
        var arguments = new RedisValue[(_limits.Count * UsageLimitArguments.Count) + 1];
        for (var i = 0; i < _limits.Count; i++)
            UsageLimitArguments.Write(_limits[i].First.Limit, _limits[i].Total, arguments.AsSpan(i * UsageLimitArguments.Count));
        arguments[^1] = _publishes.WrittenMemory;
        return arguments;
    }

    private void Add(UsageLimitCharge charge)
    {
        if (_places.TryGetValue(charge.Key, out var place))
        {
            _limits[place] = _limits[place] with { Total = _limits[place].Total + charge.Cost };
        }
        else
        {
            _places[charge.Key] = place = _limits.Count;
            _limits.Add((charge, charge.Cost));
        }

        Write(place + 1);
        Write(charge.Cost);
        Write(charge.Limit.Capacity - charge.Cost);
    }

    private void Write(long number)
    {
        var free = _publishes.GetSpan(MaxDigits + 1);
        Utf8Formatter.TryFormat(number, free, out var digits);
        free[digits] = (byte)' ';
        _publishes.Advance(digits + 1);
    }
}
