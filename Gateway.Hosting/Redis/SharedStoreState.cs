using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>Looks how the shared store stands, by what a publish does: a script that writes a few bytes that expire, where a publish writes. Thread-safe.</summary>
internal sealed class SharedStoreState
{
    private const string Write = "redis.call('SET', KEYS[1], '1', 'PX', ARGV[1]) return redis.call('TIME')[1]";
    private const long KeptMilliseconds = 60_000;
    private static readonly TimeSpan MaxAnswer = TimeSpan.FromSeconds(1);
    private readonly RedisConnection connection;
    private readonly RedisKey anywhere;
    private readonly RedisKey[] inCluster;
    private readonly TimeProvider time;
    private volatile bool isFull;

    /// <summary>Makes the gauge.</summary>
    /// <param name="connection">The store.</param>
    /// <param name="options">What keys begin with.</param>
    /// <param name="meters">Makes the gauge.</param>
    /// <param name="time">Bounds the wait.</param>
    /// <param name="slots">The hash tags of what a publish writes: in a cluster they may lie on different servers. None for any.</param>
    public SharedStoreState(RedisConnection connection, IOptions<RedisOptions> options, IMeterFactory meters, TimeProvider time, IReadOnlyList<string>? slots = null)
    {
        (this.connection, this.time) = (connection, time);
        var key = $"{options.Value.KeyPrefix}write-check";
        anywhere = key;
        inCluster = slots is { Count: > 0 } ? [.. slots.Select(slot => (RedisKey)$"{key}:{{{slot}}}")] : [key];
        meters.Create("Xmtp.Gateway.Redis").CreateObservableGauge(
            "xmtp_gateway_redis_full", () => isFull ? 1 : 0, description: "1 while the shared store refuses writes because its memory is used up");
    }

    /// <summary>Looks; waits for a second at most.</summary>
    internal async Task<StoreCheckResult> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The first use connects, and blocks for that long.
            var client = connection.IsConnected ? connection.Database : await Task.Run(() => connection.Database, cancellationToken).WaitAsync(MaxAnswer, time, cancellationToken);
            await WriteAsync(client, cancellationToken);
            isFull = false;
            return default;
        }
        catch (Exception exception) when (RedisFault.Is(exception))
        {
            var result = RedisFault.Of(exception);
            if (result.Status != StoreStatus.Away) isFull = result.Status == StoreStatus.Full;
            return result;
        }
    }

    /// <summary>Writes as a publish does.</summary>
    internal Task WriteAsync(IDatabaseAsync client, CancellationToken cancellationToken)
    {
        RedisKey[] keys = client.Multiplexer.GetServers().Any(server => server.ServerType == ServerType.Cluster) ? inCluster : [anywhere];
        return Task.WhenAll(keys.Select(key => client.ScriptEvaluateAsync(Write, [key], [KeptMilliseconds]))).WaitAsync(MaxAnswer, time, cancellationToken);
    }
}
