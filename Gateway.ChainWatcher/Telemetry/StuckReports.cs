using Microsoft.Extensions.Options;
using Xmtp.Gateway.ChainWatcher.Figures;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.ChainWatcher.Hosting;

namespace Xmtp.Gateway.ChainWatcher.Telemetry;

/// <summary>
/// Logs each report that was submitted and is not settled within two cycles, by the chain's own clock, once. The metric
/// is computed separately.
/// </summary>
internal sealed partial class StuckReports(
    WatcherService watcher, IOptions<WatcherOptions> options, TimeProvider time, ILogger<StuckReports> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private HashSet<(uint Node, string Report)> _reported = [];

    /// <summary>The reports of an originator that are stuck at the given time.</summary>
    public static IEnumerable<string> Of(OriginatorFigures originator, ulong now, TimeSpan cycle) =>
        originator.Open.Where(entry => entry.Value is { } since && now > since && now - since > 2 * (ulong)cycle.TotalSeconds)
            .Select(entry => entry.Key);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            Check();
            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Check()
    {
        if (watcher.Watches[^1].Ledger is not { } ledger) return;
        var stuck = ledger.Read(
            (figures, head) => figures.Originators.SelectMany(
                entry => Of(entry.Value, head, options.Value.ReportCycle).Select(report => (entry.Key, report))).ToHashSet());
        foreach (var (node, report) in stuck.Except(_reported)) LogStuck(logger, report, node, options.Value.ReportCycle);
        _reported = stuck;
    }

    [LoggerMessage(
        EventIds.StuckReportsStuck,
        LogLevel.Error,
        "payer report {Report} of node {Node} was submitted and is not settled after two cycles of {Cycle}: usage is not being charged, " +
            "and will be")]
    private static partial void LogStuck(ILogger logger, string report, uint node, TimeSpan cycle);
}
