using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Notifications;

namespace Xmtp.Gateway.Costs.Rating;

/// <summary>
/// Reads the rates at start, every refresh interval, and when they are announced to have changed; every five seconds
/// until they were read once.
/// </summary>
internal sealed partial class RateRefresher(
    RateCache book,
    CostChainClients chains,
    MoneyMetrics metrics,
    IChangeNotifications changes,
    IOptions<ContractsOptions> options,
    TimeProvider time,
    ILogger<RateRefresher> logger)
    : BackgroundService
{
    private static readonly TimeSpan WhileUnknown = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _reading = new(1, 1);
    private readonly ILogger _logger = logger;

    public override void Dispose()
    {
        _reading.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var announced = changes.Subscribe(ChangeKind.RatesChanged, RefreshAsync);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await RefreshAsync(stoppingToken).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // whatever breaks one reading, the next one may be good, and a host that stops serves nobody
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogBroke(_logger, exception);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var pause = book.ReadAt is null ? WhileUnknown : options.Value.SettlementChain.RateRegistryRefreshInterval;
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var before = book.Schedule;
            var read = await RateReader.ReadAsync(chains.RateRegistry, cancellationToken).ConfigureAwait(false);
            if (!read.TryGet(out var schedule, out var error))
            {
                metrics.RatesUnread();
                LogUnread(_logger, error);
            }
            else if (!book.Learn(schedule, time.GetUtcNow()))
            {
                metrics.ReadLagged();
            }
            else if (!ReferenceEquals(before, book.Schedule) && schedule.All is [.., var newest])
            {
                LogChanged(_logger, schedule.All.Count, newest);
            }
        }
        finally
        {
            _reading.Release();
        }
    }

    [LoggerMessage(EventIds.RateRefresherUnread, LogLevel.Warning, "the rates could not be read, the last ones stay: {Error}")]
    private static partial void LogUnread(ILogger logger, RpcError error);

    [LoggerMessage(EventIds.RateRefresherBroke, LogLevel.Error, "reading the rates broke, the last ones stay")]
    private static partial void LogBroke(ILogger logger, Exception fault);

    [LoggerMessage(EventIds.RateRefresherChanged, LogLevel.Information, "{Count} rates are known, the newest are {Newest}")]
    private static partial void LogChanged(ILogger logger, int count, Chain.Contracts.Rates newest);
}
