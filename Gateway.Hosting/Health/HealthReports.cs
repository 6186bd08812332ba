using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>Runs the health checks at most once a second: pages, probes and watches share the report.</summary>
/// <remarks>
/// The pages of the public ports show only the status, so the reasons are logged when the status changes; not those that have
/// lines of their own, and none while the host stops.
/// </remarks>
internal sealed partial class HealthReports(
    HealthCheckService checks, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<HealthReports> logger)
{
    /// <summary>How old a report may be by default.</summary>
    internal static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>The tag of a check whose subject logs by itself that it went away and that it is back.</summary>
    internal const string LogsItself = "logs itself";

    private readonly Lock _guard = new();
    private Task<HealthReport>? _latest;
    private long _begun;
    private bool _begunWhileStopping;
    private HealthStatus _reported = HealthStatus.Healthy;

    /// <summary>The max age of a report; zero where only the operator calls.</summary>
    internal TimeSpan MaxAge { get; set; } = Every;

    /// <summary>
    /// The report: a new one when the last is older than <see cref="MaxAge"/> or was made before the shutdown began.
    /// </summary>
    public Task<HealthReport> GetAsync(CancellationToken cancellationToken)
    {
        Task<HealthReport> report;
        lock (_guard)
        {
            var stopping = lifetime.ApplicationStopping.IsCancellationRequested;
            var isFresh = _latest is not null
                && _begunWhileStopping == stopping
                && (!_latest.IsCompleted || time.GetElapsedTime(_begun) < MaxAge);
            if (!isFresh)
            {
                _begun = time.GetTimestamp();
                _begunWhileStopping = stopping;
                _latest = Task.Run(CheckAsync, CancellationToken.None);
            }

            report = _latest!;
        }

        return report.WaitAsync(cancellationToken);
    }

    /// <summary>The word for a status.</summary>
    internal static string Word(
        HealthStatus status) => status switch { HealthStatus.Healthy => "ready", HealthStatus.Degraded => "degraded", _ => "not ready" };

    private async Task<HealthReport> CheckAsync()
    {
        var report = await checks.CheckHealthAsync(CancellationToken.None).ConfigureAwait(false);
        // A stop has its own lines, and is nothing to be alarmed by.
        if (lifetime.ApplicationStopping.IsCancellationRequested) return report;
        var untold = report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy && !entry.Value.Tags.Contains(LogsItself));
        var status = untold.Select(entry => entry.Value.Status).DefaultIfEmpty(HealthStatus.Healthy).Min();
        if (status == _reported) return report;
        _reported = status;
        var why = untold
            .Select(entry => entry.Value is { Exception: null, Description: { } text } ? $"{entry.Key}: {text}" : entry.Key);
        if (_reported == HealthStatus.Healthy) LogReady(logger);
        else LogChanged(logger, Word(_reported), string.Join("; ", why));
        return report;
    }

    [LoggerMessage(EventIds.HealthReportsChanged, LogLevel.Warning, "the gateway is {Status}: {Why}")]
    private static partial void LogChanged(ILogger logger, string status, string why);

    [LoggerMessage(EventIds.HealthReportsReady, LogLevel.Information, "the gateway is ready again")]
    private static partial void LogReady(ILogger logger);
}
