using Xmtp.Gateway.ChainWatcher.Checkpoints;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>
/// Waits for leadership, and follows its chains while it leads. Several watchers on one Redis are a failover group.
/// </summary>
internal sealed partial class WatcherService(
    IWatcherStore store,
    IReadOnlyList<EndpointWatch> endpoints,
    IEnumerable<ILeaderPart> parts,
    TimeProvider time,
    ILogger<WatcherService> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private ILeadership? _leadership;

    /// <summary>Whether this watcher leads.</summary>
    public bool Leads => _leadership is { Lost.IsCancellationRequested: false };

    /// <summary>Why the store is unusable; null when it is usable.</summary>
    public string? StoreFault { get; private set; }

    /// <summary>The chains: the App Chain, if it is followed, and then the settlement chain.</summary>
    public IReadOnlyList<ChainWatch> Watches { get; } = [.. endpoints.SelectMany(endpoint => endpoint.Watches)];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await LeadAsync(stoppingToken);
            }
            catch (WatcherStoreException exception)
            {
                if (StoreFault is null) LogStore(logger, exception.Message);
                StoreFault = exception.Message;
            }
#pragma warning disable CA1031 // After any error, a watcher that continues from its checkpoint is better than one that stops.
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
#pragma warning restore CA1031
            {
                LogFailed(logger, exception);
            }

            await Task.Delay(Pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LeadAsync(CancellationToken stoppingToken)
    {
        await using var held = await store.TryLeadAsync(stoppingToken);
        if (held is not null) await CheckpointLayout.CheckAsync(held, stoppingToken);
        StoreFault = null;
        if (held is null) return;
        _leadership = held;
        LogLeads(logger);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, held.Lost);
        try
        {
            // When one fails, the others are stopped too, and all restart from their checkpoints.
            var running = endpoints.Select(endpoint => endpoint.RunAsync(held, linked.Token))
                .Concat(parts.Select(part => part.RunAsync(linked.Token)))
                .ToList();
            var first = await Task.WhenAny(running);
            await linked.CancelAsync();
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await first;
        }
        catch (OperationCanceledException) when (linked.IsCancellationRequested)
        {
            // The host is stopping, or another watcher leads now.
        }
        finally
        {
            _leadership = null;
            if (!stoppingToken.IsCancellationRequested) LogLost(logger);
        }
    }

    [LoggerMessage(EventIds.WatcherServiceLeads, LogLevel.Information, "this watcher leads")]
    private static partial void LogLeads(ILogger logger);

    [LoggerMessage(EventIds.WatcherServiceLost, LogLevel.Warning, "this watcher lost the leadership")]
    private static partial void LogLost(ILogger logger);

    [LoggerMessage(EventIds.WatcherServiceStore, LogLevel.Error, "the checkpoints are unavailable, nothing is followed: {Fault}")]
    private static partial void LogStore(ILogger logger, string fault);

    [LoggerMessage(EventIds.WatcherServiceFailed, LogLevel.Error, "following the chains failed; restarting from the checkpoint")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
