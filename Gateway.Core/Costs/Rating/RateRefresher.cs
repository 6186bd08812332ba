using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.Costs.Rating;

/// <summary>
/// Reads the rates at start, at every refresh interval, and when a change is announced; every five seconds until the
/// first successful read.
/// </summary>
internal sealed partial class RateRefresher(
    RateCache cache,
    CostChainClients chains,
    MoneyMetrics metrics,
    IChangeNotifications changes,
    IOptions<ContractsOptions> options,
    TimeProvider time,
    ILogger<RateRefresher> logger,
    UnreachableEndpoints? unreachable = null)
    : PeriodicReader(ChangeKind.RatesChanged, changes, time)
{
    private static readonly TimeSpan WhileUnknown = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = logger;
    private readonly ReadFaults _faults = new(unreachable);

    /// <inheritdoc/>
    protected override TimeSpan Pause =>
        cache.ReadAt is null && chains.HasRates ? WhileUnknown : options.Value.SettlementChain.RateRegistryRefreshInterval;

    /// <inheritdoc/>
    protected override async Task ReadAsync(CancellationToken cancellationToken)
    {
        if (!chains.HasRates) return;
        var before = cache.Schedule;
        var read = await RateReader.ReadAsync(chains.RateRegistry, cancellationToken).ConfigureAwait(false);
        if (!read.TryGet(out var schedule, out var error))
        {
            metrics.RatesUnread();
            var severity = _faults.Failed(chains.Settlement.Transport, error);
            LogUnread(_logger, severity, error);
            return;
        }

        _faults.Worked();
        if (!cache.Learn(schedule, Time.GetUtcNow()))
        {
            metrics.ReadLagged();
        }
        else if (!ReferenceEquals(before, cache.Schedule) && schedule.All is [.., var newest])
        {
            LogChanged(_logger, schedule.All.Count, newest);
        }
    }

    /// <inheritdoc/>
    protected override void LogBroken(Exception exception) => LogFailed(_logger, exception);

    [LoggerMessage(EventId = EventIds.RateRefresherUnread, Message = "the rates could not be read; keeping the last ones: {Error}")]
    private static partial void LogUnread(ILogger logger, LogLevel severity, RpcError error);

    [LoggerMessage(EventIds.RateRefresherFailed, LogLevel.Error, "reading the rates failed; keeping the last ones")]
    private static partial void LogFailed(ILogger logger, Exception exception);

    [LoggerMessage(EventIds.RateRefresherChanged, LogLevel.Information, "{Count} rates are known, the newest are {Newest}")]
    private static partial void LogChanged(ILogger logger, int count, Chain.Contracts.Rates newest);
}
