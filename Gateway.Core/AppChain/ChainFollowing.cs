using Microsoft.Extensions.Logging;
using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Notifications;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>
/// Follows the App Chain for all payers of a process, from the first that joins until the last has left: one subscription, and one
/// reading of the contracts.
/// </summary>
internal sealed class ChainFollowing(
    FollowingPayers payers,
    ChainSubscription subscription,
    ContractReadings contracts,
    AppChainTransactionOptions options,
    TimeProvider time,
    ILogger<BackgroundWork> logger,
    IChangeNotifications? changes = null) : IAsyncDisposable
{
#pragma warning disable CA2213 // Never disposed: a payer may leave after this, and it has no resources.
    private readonly SemaphoreSlim _gate = new(1, 1);
#pragma warning restore CA2213
    private BackgroundWork? _work;
    private IDisposable? _pauses;

    /// <summary>Follows the chain for a payer too. The contracts have been read when this returns, if the chain answers.</summary>
    internal async Task JoinAsync(FollowedAccounts payer, CancellationToken cancellationToken)
    {
        await contracts.ReadFirstAsync(cancellationToken).ConfigureAwait(false);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!payers.Add(payer)) return;
            _work = new BackgroundWork(time, logger);
            _work.Repeat("reading contracts", options.ContractRefresh, contracts.ReadWhenDueAsync);
            subscription.Start(_work);
            _pauses = changes?.Subscribe(ChangeKind.PauseChanged, contracts.ReadAsync);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Does not follow it for a payer any more. One that has not joined is ignored.</summary>
    internal async ValueTask LeaveAsync(FollowedAccounts payer)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (payers.Remove(payer)) await EndAsync().ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => EndAsync();

    // The next payer that joins begins anew.
    private async ValueTask EndAsync()
    {
        _pauses?.Dispose();
        _pauses = null;
        if (_work is { } work) await work.DisposeAsync().ConfigureAwait(false);
        _work = null;
        payers.SetHeads(false);
        payers.SetEvents(false);
    }
}
