using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Transactions;

/// <summary>Monitors each transaction in the background until it ends or the process stops.</summary>
internal sealed partial class MonitorRunner(
    TransactionMonitor monitor, PendingTransactions pendingTransactions, BackgroundWork background, ILogger<MonitorRunner> logger)
{
    /// <summary>Starts to monitor a transaction.</summary>
    /// <param name="pending">The transaction.</param>
    /// <param name="isAdopted">Whether it was taken over, and so may have been broadcast already.</param>
    internal void Start(PendingTransaction pending, bool isAdopted)
    {
        pendingTransactions.Add(pending);
        _ = Task.Run(() => RunAsync(pending, isAdopted, background.Stopping), CancellationToken.None);
    }

    private async Task RunAsync(PendingTransaction pending, bool isAdopted, CancellationToken stoppingToken)
    {
        try
        {
            pending.Ended.TrySetResult(await monitor.MonitorAsync(pending, isAdopted, stoppingToken).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            pending.Ended.TrySetResult((NonceOutcome.Unknown, null));
        }
#pragma warning disable CA1031 // An external signer may throw anything; the nonce stays in the store, and its lease ends.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogCrashed(logger, pending.Nonce, exception);
            await pending.Lease.AbandonAsync().ConfigureAwait(false);
            pending.Ended.TrySetResult((NonceOutcome.Unknown, null));
        }
        finally
        {
            pendingTransactions.Remove(pending);
        }
    }

    [LoggerMessage(
        EventId = EventIds.MonitorCrashed,
        Level = LogLevel.Error,
        Message = "monitoring nonce {Nonce} failed; it is taken over when its lease ends")]
    private static partial void LogCrashed(ILogger logger, ulong nonce, Exception exception);
}
