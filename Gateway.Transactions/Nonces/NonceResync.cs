using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>Moves the store to the chain's position: forward at once, back only when the chain stays behind.</summary>
internal sealed partial class NonceResync(
    NonceManager nonces, ChainPositions positions, NonceTracker tracker, AppChainMetrics metrics, ILogger<NonceResync> logger) : IDisposable
{
    private readonly AsyncAutoResetEvent _removed = new();

    /// <summary>The kept transactions that the chain, as last read, does not count as mined any more.</summary>
    internal IReadOnlyList<NonceEntry> Removed { get; private set; } = [];

    /// <summary>Waits for a reading that finds such transactions.</summary>
    internal Task WaitForRemovedAsync(CancellationToken cancellationToken) => _removed.WaitAsync(cancellationToken);

    /// <summary>Reads the chain's position and reports it to the store.</summary>
    /// <returns>The position; null when the chain does not answer.</returns>
    internal async ValueTask<ChainPosition?> ObserveAsync(CancellationToken cancellationToken)
    {
        if (await positions.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } position) return null;
        var answer = await nonces.Store.ObserveAsync(position, cancellationToken).ConfigureAwait(false);
        if (answer.Status == NonceStoreStatus.Unavailable) metrics.StoreFailed();
        if (answer.Status == NonceStoreStatus.Forgotten) await nonces.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (answer.Unaccounted > 0)
        {
            metrics.Foreign(answer.Unaccounted);
            LogForeign(logger, answer.Unaccounted, position.Mined);
        }

        Removed = answer.Removed;
        if (Removed.Count > 0) _removed.Set();
        if (answer.WentBack) LogWentBack(logger, position.Mined);
        tracker.Observe(position.Mined);
        return position;
    }

    public void Dispose() => _removed.Dispose();

    [LoggerMessage(
        EventId = EventIds.NoncesForeign,
        Level = LogLevel.Error,
        Message = "{Count} nonces below {Mined} were used by other transactions: another sender uses this wallet")]
    private static partial void LogForeign(ILogger logger, int count, ulong mined);

    [LoggerMessage(
        EventId = EventIds.NonceStoreWentBack,
        Level = LogLevel.Warning,
        Message = "the chain stayed behind the nonce store; the store is reset to {Mined}")]
    private static partial void LogWentBack(ILogger logger, ulong mined);
}
