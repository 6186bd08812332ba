using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>How the shared store stands.</summary>
internal enum StoreStatus
{
    /// <summary>It answers and takes writes.</summary>
    Good,

    /// <summary>It answers and refuses writes: <c>maxmemory</c> is used up.</summary>
    Full,

    /// <summary>It does not answer.</summary>
    Away,
}

/// <summary>Tells a store that is full from one that is away, by a write of a few bytes that expires. Thread-safe.</summary>
internal sealed class SharedStoreState
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(1);
    private readonly RedisConnection connection;
    private readonly IOptions<RedisOptions> options;
    private readonly TimeProvider time;
    private volatile bool isFull;

    /// <summary>Makes the gauge.</summary>
    public SharedStoreState(RedisConnection connection, IOptions<RedisOptions> options, IMeterFactory meters, TimeProvider time)
    {
        (this.connection, this.options, this.time) = (connection, options, time);
        meters.Create("Xmtp.Gateway.Redis").CreateObservableGauge(
            "xmtp_gateway_redis_full", () => isFull ? 1 : 0, description: "1 while the shared store refuses writes because its memory is used up");
    }

    /// <summary>Asks.</summary>
    internal async Task<StoreStatus> AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            await connection.Database.StringSetAsync($"{options.Value.KeyPrefix}write-check", "1", Kept).WaitAsync(LongestAnswer, time, cancellationToken);
            isFull = false;
            return StoreStatus.Good;
        }
        catch (RedisServerException refusal) when (refusal.Message.StartsWith("OOM", StringComparison.Ordinal))
        {
            isFull = true;
            return StoreStatus.Full;
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ObjectDisposedException)
        {
            return StoreStatus.Away;
        }
    }
}
