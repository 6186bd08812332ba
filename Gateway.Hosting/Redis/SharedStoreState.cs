using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Checks the state of the shared store as a publish uses it: by a script that writes a few bytes that expire, to the
/// servers that a publish writes to. Thread-safe.
/// </summary>
internal sealed class SharedStoreState
{
    private const long KeptMilliseconds = 60_000;
    private static readonly TimeSpan MaxAnswer = TimeSpan.FromSeconds(1);
    private readonly RedisConnection _connection;
    private readonly RedisKey _anywhere;
    private readonly RedisKey[] _inCluster;
    private readonly TimeProvider _time;
    private volatile StoreStatus _status;
    private volatile bool _isFull;

    /// <summary>Creates the gauges.</summary>
    /// <param name="connection">The store.</param>
    /// <param name="options">The prefix of the keys.</param>
    /// <param name="meters">Creates the gauges.</param>
    /// <param name="time">The clock of the timeout.</param>
    /// <param name="slots">
    /// The hash tags of a publish's keys: in a cluster they may be on different servers. Empty for any.
    /// </param>
    public SharedStoreState(
        RedisConnection connection,
        IOptions<RedisOptions> options,
        IMeterFactory meters,
        TimeProvider time,
        IReadOnlyList<string>? slots = null)
    {
        _connection = connection;
        _time = time;
        var key = $"{options.Value.KeyPrefix}write-check";
        _anywhere = key;
        _inCluster = slots is { Count: > 0 } ? [.. slots.Select(slot => (RedisKey)$"{key}:{{{slot}}}")] : [key];
        var meter = meters.Create("Xmtp.Gateway.Redis");
        meter.CreateObservableGauge(
            "xmtp_gateway_redis_full",
            () => _isFull ? 1 : 0,
            description: "1 while the shared store refuses writes because its memory is used up");
        meter.CreateObservableGauge(
            "xmtp_gateway_redis_unavailable",
            () => _status is StoreStatus.Good or StoreStatus.Full ? 0 : 1,
            description: "1 while the shared store does not answer, or takes no writes for another reason than its memory");
    }

    /// <summary>Checks the store; waits for 1 s, and for 1 s more where this process did not run meanwhile.</summary>
    internal async Task<StoreCheckResult> CheckAsync(CancellationToken cancellationToken)
    {
        try
        {
            // The first use connects, and blocks until it has.
            var client = _connection.IsConnected
                ? _connection.Database
                : await Task.Run(() => _connection.Database, cancellationToken)
                    .WaitAsync(MaxAnswer, _time, cancellationToken).ConfigureAwait(false);
            await WriteAsync(client, cancellationToken).ConfigureAwait(false);
            _isFull = false;
            _status = StoreStatus.Good;
            _connection.ForgetRefusal();
            return default;
        }
        catch (Exception exception) when (RedisFault.Is(exception))
        {
            var result = RedisFault.Of(exception);
            if (result.Status == StoreStatus.Unavailable && _connection.Refusal is { } refusal) result = refusal;
            _status = result.Status;
            if (result.Status != StoreStatus.Unavailable) _isFull = result.Status == StoreStatus.Full;
            return result;
        }
    }

    /// <summary>Writes as a publish does.</summary>
    internal Task WriteAsync(IDatabaseAsync client, CancellationToken cancellationToken)
    {
        RedisKey[] keys = client.Multiplexer.GetServers().Any(server => server.ServerType == ServerType.Cluster) ? _inCluster : [_anywhere];
        return Task.WhenAll(keys.Select(key => client.ScriptEvaluateAsync(RedisStoreScripts.Probe, [key], [KeptMilliseconds])))
            .WaitForAnswerAsync(MaxAnswer, _time, cancellationToken);
    }
}
