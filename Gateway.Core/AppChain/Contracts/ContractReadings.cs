using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain.Contracts;

/// <summary>Reads again what the contracts accept, as often as something depends on it: once for all payers of a process.</summary>
/// <remarks>
/// A reading is six requests. A change arrives by the subscription to events, or by a notification; and before anything is paid the gas
/// estimate of a call shows that the contract would refuse it. So a reading is only repeated at each interval while it refuses
/// envelopes, or a contract is paused, and without a subscription while envelopes are published; otherwise at the rest interval,
/// while a payer is in use.
/// </remarks>
internal sealed class ContractReadings(
    Broadcasters broadcasters, FollowingPayers payers, AppChainTransactionOptions options, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _readAt = time.GetTimestamp();
    private Task? _first;

    /// <summary>Reads now.</summary>
    internal Task ReadAsync(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _readAt, time.GetTimestamp());
        return broadcasters.RefreshAsync(cancellationToken);
    }

    /// <summary>Reads what was never read. Payers that start at once share one reading.</summary>
    internal Task ReadFirstAsync(CancellationToken cancellationToken)
    {
        if (broadcasters.All.All(broadcaster => broadcaster.State.Bounds is not null)) return Task.CompletedTask;
        lock (_gate)
        {
            if (_first is not { IsCompleted: false }) _first = ReadAsync(CancellationToken.None);
            return _first.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Reads when a reading is due. Called at each interval.</summary>
    internal Task ReadWhenDueAsync(CancellationToken cancellationToken) => IsDue() ? ReadAsync(cancellationToken) : Task.CompletedTask;

    private bool IsDue() =>
        (payers.AreInUse && time.GetElapsedTime(Interlocked.Read(ref _readAt)) >= options.ContractRestRefresh)
        || broadcasters.All.Any(broadcaster => broadcaster.State.IsInQuestion || (broadcaster.State.WasUsed && !payers.ReceiveEvents));
}
