using System.Globalization;
using Xmtp.Gateway.ChainWatcher.Following;

namespace Xmtp.Gateway.ChainWatcher.Telemetry;

/// <summary>Logs once when a chain's provider goes away, or cannot be used, and once when it serves again.</summary>
/// <remarks>It checks every second, because a follower makes no step while its provider is unavailable.</remarks>
internal sealed partial class ProviderReports(WatcherService watcher, TimeProvider time, ILogger<ProviderReports> logger)
    : BackgroundService
{
    private const string Unanswered = "a request has no answer";
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, ProviderView> _reported = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            foreach (var watch in watcher.Watches) Check(watch);
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Check(ChainWatch watch)
    {
        var name = watch.Chain.Name;
        var reported = _reported.GetValueOrDefault(name);
        if (watch.Provider is not { } now)
        {
            _reported.Remove(name);
        }
        else if (now.State == ProviderState.Serving)
        {
            if (_reported.Remove(name)) LogBack(logger, name, (long)time.GetElapsedTime(reported!.Since).TotalSeconds);
        }
        else if (now.State != reported?.State)
        {
            // The time until it serves again counts from the first of these states.
            _reported[name] = reported is null ? now : now with { Since = reported.Since };
            var since = (time.GetUtcNow() - now.For).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
            var error = now.Error?.ToString() ?? Unanswered;
            if (now.State == ProviderState.Unavailable) LogUnavailable(logger, name, since, error);
            else LogFaulty(logger, name, since, error);
        }
    }

    [LoggerMessage(
        EventIds.ProviderReportsUnavailable,
        LogLevel.Error,
        "the provider of the {Chain} has not answered since {Since}: {Error}; retrying")]
    private static partial void LogUnavailable(ILogger logger, string chain, string since, string error);

    [LoggerMessage(EventIds.ProviderReportsBack, LogLevel.Information, "the provider of the {Chain} answers again, after {Seconds} s")]
    private static partial void LogBack(ILogger logger, string chain, long seconds);

    [LoggerMessage(
        EventIds.ProviderReportsFaulty,
        LogLevel.Error,
        "the provider of the {Chain} answers, but its answers have been unusable since {Since}: {Error}")]
    private static partial void LogFaulty(ILogger logger, string chain, string since, string error);
}
