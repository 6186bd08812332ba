using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Costs.Funds;

/// <summary>Keeps both funds by hour in Redis, for all replicas of a payer together, also over restarts. Thread-safe.</summary>
/// <remarks>
/// One hash with two fields an hour, by Redis' clock; of replicas that read different balances within an hour the last one
/// counts. A reading that this process has written for the hour is not written again.
/// </remarks>
internal sealed class RedisFundsHistory : IFundsHistory
{
    private const long ExpiryMs = (IFundsHistory.KeptHours + 24) * 3_600_000L;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly RedisScript Record = RedisScript.Read(typeof(RedisFundsHistory), "record");

    private readonly RedisCalls _redis;
    private readonly RedisKey _key;
    private readonly TimeProvider _time;
    private FundsMoment? _written;

    /// <summary>Creates the store; it connects at first use.</summary>
    /// <param name="connect">Connects to the Redis database.</param>
    /// <param name="keyPrefix">The prefix of every key.</param>
    /// <param name="owner">The payer and its chains: <c>settlement-chain-id:app-chain-id:address</c>.</param>
    /// <param name="time">Measures timeouts.</param>
    internal RedisFundsHistory(Func<Task<IDatabaseAsync>> connect, string keyPrefix, string owner, TimeProvider time)
    {
        _redis = new(() => new(connect()), Timeout, time);
        _key = $"{keyPrefix}{{funds}}:{owner}";
        _time = time;
    }

    public DateTimeOffset? Since => null;

    public async ValueTask<bool> AddAsync(Microdollars? payer, Wei? gas, CancellationToken cancellationToken)
    {
        var now = new FundsMoment(FundsMoment.StartOf(FundsMoment.NumberOf(_time.GetUtcNow())), payer, gas);
        if ((payer is null && gas is null) || Volatile.Read(ref _written) == now) return true;
        var arguments = new List<RedisValue> { IFundsHistory.KeptHours, ExpiryMs };
        if (payer is { } balance) arguments.AddRange(["p", balance.Value.ToString(CultureInfo.InvariantCulture)]);
        if (gas is { } left) arguments.AddRange(["g", left.Amount.ToString(CultureInfo.InvariantCulture)]);
        if (await _redis.RunAsync(Record, [_key], [.. arguments], cancellationToken).ConfigureAwait(false) is null) return false;
        Volatile.Write(ref _written, now);
        return true;
    }

    public async ValueTask<IReadOnlyList<FundsMoment>?> ReadAsync(CancellationToken cancellationToken)
    {
        var (isAnswered, fields) = await _redis.AskAsync(
            store => store.HashGetAllAsync(_key), cancellationToken, isRead: true).ConfigureAwait(false);
        if (!isAnswered) return null;
        var moments = new SortedDictionary<long, FundsMoment>();
        foreach (var field in fields!)
        {
            if (field.Name.ToString().Split('|', 2) is not [var fund, var text]
                || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var hour))
            {
                continue;
            }

            var moment = moments.GetValueOrDefault(hour) ?? new FundsMoment(FundsMoment.StartOf(hour), null, null);
            moments[hour] = fund switch
            {
                "p" when Int128.TryParse(field.Value.ToString(), CultureInfo.InvariantCulture, out var balance) =>
                    moment with { Payer = new Microdollars(balance) },
                "g" when UInt128.TryParse(field.Value.ToString(), CultureInfo.InvariantCulture, out var gas) =>
                    moment with { Gas = new Wei(gas) },
                _ => moment,
            };
        }

        return [.. moments.Values];
    }
}
