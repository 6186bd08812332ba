using System.Collections.Concurrent;
using System.Globalization;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>A time in the run; timestamps of the clock.</summary>
internal readonly record struct ChaosSpan(long From, long Until)
{
    /// <summary>Whether another time has a moment in common with it.</summary>
    public bool Overlaps(long from, long until) => from <= Until && until >= From;

    /// <inheritdoc cref="Overlaps(long, long)"/>
    public bool Overlaps(ChaosSpan other) => Overlaps(other.From, other.Until);
}

/// <summary>The Redis of the gateways, and what faults do to it.</summary>
internal sealed class ChaosStore(ChaosRedis redis, ChaosRedisKind kind) : IAsyncDisposable
{
    // A script waits for its answer this long (--limits.store-timeout), and what was written behind it may arrive later.
    private static readonly TimeSpan Aftermath = TimeSpan.FromSeconds(4);

    // From the begin of an attempt to its claim, and from the end of a fault until all gateways have stored what they published
    // meanwhile. A connection that was lost takes up to two seconds more.
    private static readonly TimeSpan UntilClaim = TimeSpan.FromSeconds(1), UntilStored = TimeSpan.FromSeconds(2);

    // A primary that was replaced while it did not answer takes writes until a sentinel makes it a replica.
    private static readonly TimeSpan TwoPrimaries = TimeSpan.FromSeconds(15);
    private readonly ConcurrentQueue<ChaosSpan> _lost = new();
    private readonly ConcurrentQueue<ChaosSpan> _disturbed = new();
    private readonly ConcurrentQueue<ChaosSpan> _unclaimed = new();

    /// <summary>What gateways and watchers are told.</summary>
    public string Flag => redis.Flag;

    /// <summary>When writes that it had confirmed were lost.</summary>
    public IReadOnlyCollection<ChaosSpan> Lost => _lost;

    /// <summary>When it lost or refused writes, or did not answer.</summary>
    public IReadOnlyCollection<ChaosSpan> Disturbed => _disturbed;

    /// <summary>When an attempt may have begun that got no claim, or whose repetition got one too.</summary>
    public IReadOnlyCollection<ChaosSpan> Unclaimed => _unclaimed;

    /// <summary>Starts it.</summary>
    public static async Task<ChaosStore> StartAsync(ChaosRedisKind kind, CancellationToken cancellationToken) =>
        new(await ChaosRedis.StartAsync(kind, cancellationToken), kind);

    /// <summary>It hangs, with every connection open, and continues. Sentinels may replace it meanwhile.</summary>
    public Task PauseAsync(TimeSpan duration, CancellationToken cancellationToken) => DisturbAsync(
        isLoss: kind == ChaosRedisKind.Sentinel,
        async () => await redis.Server(await redis.TargetAsync()).PauseAsync(duration, cancellationToken));

    /// <summary>It is emptied, as after a failover to a replica that had nothing.</summary>
    public Task EmptyAsync() => DisturbAsync(isLoss: true, async () =>
    {
        if (kind != ChaosRedisKind.Cluster) await redis.AskAsync(await redis.TargetAsync(), "FLUSHALL");
        else await Task.WhenAll(Enumerable.Range(0, redis.Ports.Count).Select(number => redis.AskAsync(number, "FLUSHALL")));
    });

    /// <summary>It has no memory left: it refuses writes, and answers reads.</summary>
    public Task FillAsync(TimeSpan duration, CancellationToken cancellationToken) => DisturbAsync(isLoss: false, async () =>
    {
        var number = await redis.TargetAsync();
        await redis.AskAsync(number, "CONFIG", "SET", "maxmemory", "1");
        try
        {
            await ChaosFault.WaitAsync(duration, cancellationToken);
        }
        finally
        {
            await redis.AskAsync(number, "CONFIG", "SET", "maxmemory", "0");
        }
    });

    /// <summary>Its process ends, and an empty one comes at its address.</summary>
    public Task ReplaceAsync(TimeSpan duration, CancellationToken cancellationToken) => DisturbAsync(isLoss: true, async () =>
    {
        var server = redis.Server(await redis.TargetAsync());
        await server.KillAsync();
        await ChaosFault.WaitAsync(duration, cancellationToken);
        await server.StartAsync(cancellationToken);
    });

    /// <summary>The sentinels make a replica the primary.</summary>
    public Task FailOverAsync(TimeSpan duration, CancellationToken cancellationToken) => DisturbAsync(isLoss: true, async () =>
    {
        await redis.FailOverAsync();
        await ChaosFault.WaitAsync(duration, cancellationToken);
    });

    /// <summary>What each identity has spent, in picodollars, by what its keys end with.</summary>
    public async Task<IReadOnlyDictionary<string, long>> ReadSpentAsync(CancellationToken cancellationToken)
    {
        await using var connection = await redis.ConnectAsync(kind == ChaosRedisKind.Cluster ? 0 : await redis.TargetAsync());
        var spent = new Dictionary<string, long>();
        foreach (var server in connection.GetServers())
        {
            await foreach (var key in server.KeysAsync(pattern: "*{limits}:bc:m/*").WithCancellation(cancellationToken))
            {
                // The rule, its number, and the identity.
                var identity = $"{key}".Split(":bc:m/")[1].Split(':', 2)[1];
                spent[identity] = long.Parse($"{await connection.GetDatabase().StringGetAsync(key)}", CultureInfo.InvariantCulture);
            }
        }

        return spent;
    }

    public ValueTask DisposeAsync() => redis.DisposeAsync();

    private async Task DisturbAsync(bool isLoss, Func<Task> fault)
    {
        var from = TimeProvider.System.GetTimestamp();
        try
        {
            await fault();
        }
        finally
        {
            var until = TimeProvider.System.GetTimestamp();
            var lostUntil = kind == ChaosRedisKind.Sentinel ? After(until, TwoPrimaries) : until;
            if (isLoss) _lost.Enqueue(new ChaosSpan(from, lostUntil));
            _disturbed.Enqueue(new ChaosSpan(from, Math.Max(lostUntil, After(until, Aftermath))));
            _unclaimed.Enqueue(new ChaosSpan(
                After(from, -UntilClaim), Math.Max(lostUntil, After(until, isLoss ? 2 * UntilStored : UntilStored))));
        }
    }

    private static long After(long at, TimeSpan time) => at + (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
}
