using System.Globalization;
using StackExchange.Redis;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Costs.Usage;

/// <summary>Keeps usage in Redis, for all replicas of a payer together. Thread-safe.</summary>
/// <remarks>
/// A hash for each day, which expires after <see cref="SpendLedger.KeptDays"/> days, and a hash of the days' sums, in one slot. The
/// hashes of a day have at most four fields for each kept identity before the identities that spent least are added up.
/// </remarks>
internal sealed class RedisUsageStore : IUsageStore
{
    private const int MaxFigures = 1_500;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private static readonly RedisScript Save = RedisScript.Read(typeof(RedisUsageStore), "save");

    private readonly RedisCalls _redis;
    private readonly string _prefix;
    private readonly string _process = Guid.NewGuid().ToString("N");

    /// <summary>Creates the store; it connects at first use.</summary>
    /// <param name="connect">Connects to the Redis database.</param>
    /// <param name="keyPrefix">The prefix of every key.</param>
    /// <param name="payer">Whose money it is.</param>
    /// <param name="time">Measures timeouts.</param>
    internal RedisUsageStore(Func<Task<IDatabaseAsync>> connect, string keyPrefix, EthereumAddress payer, TimeProvider time)
    {
        _redis = new(() => new(connect()), Timeout, time);
        _prefix = $"{keyPrefix}{{usage}}:{payer}:";
    }

    public DateTimeOffset? Since => null;

    public async ValueTask<bool> AddAsync(UsageBatch batch, long number, CancellationToken cancellationToken)
    {
        var figures = batch.Identities.SelectMany(entry => Figures(entry.Key, entry.Value)).Chunk(MaxFigures).ToList();
        for (var part = 0; part < figures.Count; part++)
        {
            var answer = await _redis.RunAsync(
                Save,
                [_prefix + Text(batch.Day), _prefix + "days", $"{_prefix}last:{_process}:{part}"],
                [
                    number,
                    Text(batch.Day),
                    Text(batch.Day.AddDays(1 - SpendLedger.KeptDays)),
                    (SpendLedger.KeptDays + 1) * 86_400_000L,
                    SpendLedger.KeptIdentities,
                    .. figures[part].SelectMany(figure => (RedisValue[])[figure.Name, figure.Identity, figure.Amount]),
                ],
                cancellationToken).ConfigureAwait(false);
            if (answer is null) return false;
        }

        return true;
    }

    public async ValueTask<IReadOnlyDictionary<string, UsageFigures>?> ReadAsync(DateOnly day, CancellationToken cancellationToken) =>
        await ReadAsync(Text(day), StringComparer.Ordinal, name => name, cancellationToken).ConfigureAwait(false);

    public async ValueTask<IReadOnlyDictionary<DateOnly, UsageFigures>?> ReadTotalsAsync(CancellationToken cancellationToken) =>
        await ReadAsync(
            "days",
            EqualityComparer<DateOnly>.Default,
            name => DateOnly.ParseExact(name, "O", CultureInfo.InvariantCulture),
            cancellationToken).ConfigureAwait(false);

    private async ValueTask<Dictionary<T, UsageFigures>?> ReadAsync<T>(
        string key, IEqualityComparer<T> comparer, Func<string, T> nameOf, CancellationToken cancellationToken)
        where T : notnull
    {
        var (isAnswered, fields) = await _redis.AskAsync(
            store => store.HashGetAllAsync(_prefix + key), cancellationToken, isRead: true).ConfigureAwait(false);
        if (!isAnswered) return null;
        var read = new Dictionary<T, UsageFigures>(comparer);
        foreach (var field in fields!)
        {
            if (field.Name.ToString().Split('|', 2) is not [var figure, var text] || !field.Value.TryParse(out long amount)) continue;
            var name = nameOf(text);
            if (!read.TryGetValue(name, out var figures)) read[name] = figures = new UsageFigures();
            Add(figures, figure, amount);
        }

        return read;
    }

    private static void Add(UsageFigures figures, string figure, long amount)
    {
        switch (figure)
        {
            case "m":
                figures.Add(amount, default, default);
                break;
            case "f":
                figures.Add(0, new Picodollars(amount), default);
                break;
            case "g":
                figures.Add(0, default, new Picodollars(amount));
                break;
            default:
                if (figure.StartsWith("r:", StringComparison.Ordinal)) figures.Refuse(figure[2..], amount);
                break;
        }
    }

    private static IEnumerable<(string Name, string Identity, long Amount)> Figures(string identity, UsageFigures figures)
    {
        if (figures.Messages != 0) yield return ("m", identity, figures.Messages);
        if (figures.Fees.Value != 0) yield return ("f", identity, Bounded(figures.Fees));
        if (figures.Gas.Value != 0) yield return ("g", identity, Bounded(figures.Gas));
        foreach (var (reason, times) in figures.Refusals) yield return ($"r:{reason}", identity, times);
    }

    // A million dollars in five seconds would be a fault of the rates, and sums stay within 64 bits.
    private static long Bounded(Picodollars amount) => (long)Int128.Clamp(amount.Value, 0, 1_000_000_000_000_000_000);

    private static string Text(DateOnly day) => day.ToString("O", CultureInfo.InvariantCulture);
}
