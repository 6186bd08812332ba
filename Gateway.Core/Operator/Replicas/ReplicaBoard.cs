using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Redis;

namespace Xmtp.Gateway.Operator.Replicas;

/// <summary>
/// The replicas that share this payer and this Redis: each writes its report every 5 s, and one that wrote none for 12 s has left.
/// Without Redis there is this one.
/// </summary>
/// <remarks>The write is one call of a few kilobytes. While Redis does not answer, this replica is shown alone.</remarks>
internal sealed partial class ReplicaBoard : BackgroundService
{
    internal static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    internal static readonly TimeSpan Lease = TimeSpan.FromSeconds(12);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TallyPeriod = TimeSpan.FromMinutes(5);
    private static readonly RedisScript Beat = RedisScript.Read(typeof(ReplicaBoard), "beat");

    private readonly ReplicaReporter _reporter;
    private readonly PublishMetrics _metrics;
    private readonly IHostApplicationLifetime _lifetime;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RedisCalls? _redis;
    private readonly RedisKey _key;
    private long _tallyBegan;

    public ReplicaBoard(
        ReplicaReporter reporter,
        PublishMetrics metrics,
        RedisConnection connection,
        IOptions<RedisOptions> redis,
        ISigner signer,
        IHostApplicationLifetime lifetime,
        TimeProvider time,
        ILogger<ReplicaBoard> logger)
    {
        _reporter = reporter;
        _metrics = metrics;
        _lifetime = lifetime;
        _time = time;
        _logger = logger;
        _tallyBegan = time.GetTimestamp();
        if (!redis.Value.IsConfigured) return;
        _redis = new RedisCalls(() => new(connection.DatabaseAsync()), Timeout, time);
        _key = $"{redis.Value.KeyPrefix}{{replicas}}:{signer.Address}";
    }

    /// <summary>Whether there is a Redis for the reports of others.</summary>
    internal bool IsShared => _redis is not null;

    /// <summary>Reads all reports, this replica's first, and whether Redis answered; true without one.</summary>
    internal async Task<(IReadOnlyList<ReplicaReport> Reports, bool IsAnswered)> ReadAsync(CancellationToken cancellationToken)
    {
        var own = await _reporter.ReportAsync(cancellationToken).ConfigureAwait(false);
        if (_redis is null) return ([own], true);
        var (isAnswered, entries) = await _redis.AskAsync(
            store => Beat.RunAsync(store, [_key], [(long)Lease.TotalMilliseconds, own.Id]),
            cancellationToken,
            isRead: true).ConfigureAwait(false);
        var others = isAnswered ? Read(entries!).Where(report => report.Id != own.Id) : [];
        return ([own, .. others.OrderBy(report => report.Name, StringComparer.Ordinal)], isAnswered);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        // Also when the drain timeout has passed; the call has its own.
        if (_redis is not null)
            await _redis.AskAsync(store => store.HashDeleteAsync(_key, _reporter.Id), CancellationToken.None).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Its name has the port, which is open then.
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = _lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken).ConfigureAwait(false);
        using var timer = new PeriodicTimer(Every, _time);
        do
        {
            try
            {
                await BeatAsync(stoppingToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // a report that cannot be made must not end the gateway
            catch (Exception exception) when (exception is not OperationCanceledException)
#pragma warning restore CA1031
            {
                LogFailed(_logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false));
    }

    private async Task BeatAsync(CancellationToken stoppingToken)
    {
        if (_time.GetElapsedTime(_tallyBegan) >= TallyPeriod)
        {
            _tallyBegan = _time.GetTimestamp();
            foreach (var tally in _metrics.Tallies.Values) tally.Rotate();
        }

        if (_redis is null) return;
        var own = await _reporter.ReportAsync(stoppingToken).ConfigureAwait(false);
        var text = JsonSerializer.Serialize(own, ReplicaJson.Default.ReplicaReport);
        await _redis.RunAsync(Beat, [_key], [(long)Lease.TotalMilliseconds, own.Id, text], stoppingToken).ConfigureAwait(false);
    }

    // A replica of another release may report something else.
    private static IEnumerable<ReplicaReport> Read(RedisResult entries)
    {
        foreach (var entry in (string?[]?)entries ?? [])
        {
            ReplicaReport? report = null;
            try
            {
                report = entry is null ? null : JsonSerializer.Deserialize(entry, ReplicaJson.Default.ReplicaReport);
            }
            catch (JsonException)
            {
                continue;
            }

            if (report is not null) yield return report;
        }
    }

    [LoggerMessage(EventIds.ReplicaBoardBroke, LogLevel.Error, "this replica's report for the operator's page could not be made")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
