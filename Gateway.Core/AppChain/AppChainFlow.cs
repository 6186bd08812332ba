using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>Starts and stops the background work of flow 2, for one payer on one chain.</summary>
internal sealed class AppChainFlow(
    TopicSenders topics,
    SenderSet senders,
    SenderHealth health,
    HeldTopics held,
    TransactionWork transactions,
    AdoptedPublishes adopted,
    FollowedAccounts accounts,
    ChainFollowing chain,
    BackgroundWork background,
    AppChainTransactionOptions options) : IAsyncDisposable
{
    /// <summary>
    /// The error that a publish would wait for or fail with now, and how long it has lasted; null when none is known.
    /// </summary>
    internal (RpcError Error, TimeSpan For)? Trouble => topics.Trouble;

    /// <summary>
    /// Opens the nonce stores of the payer and its senders, takes over what a crash left, including its claims, before any resend is
    /// accepted, and starts the background work. An unavailable store does not fail the start: it is retried in the background.
    /// </summary>
    /// <exception cref="GatewayStartException">A later release wrote the store.</exception>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await transactions.OpenAsync(adopted.TakeAsync, cancellationToken).ConfigureAwait(false))
            throw new GatewayStartException([NonceLayoutCheck.Fault]);
        foreach (var sender in senders.All)
        {
            if (!await sender.Work.OpenAsync(adopted.TakeAsync, cancellationToken).ConfigureAwait(false))
                throw new GatewayStartException([NonceLayoutCheck.Fault]);
        }

        await chain.JoinAsync(accounts, cancellationToken).ConfigureAwait(false);
        transactions.Start();
        foreach (var sender in senders.All) sender.Work.Start();
        if (senders.All.Count > 0)
        {
            background.Repeat("renewing topics", options.Heartbeat, held.RenewAsync);
            background.Repeat("reading the gas of empty senders", options.RecoveryInterval, health.ReadAsync);
        }
    }

    /// <summary>Stops. What is in flight stays in the store; the next process, or another replica, takes it over.</summary>
    public async ValueTask DisposeAsync()
    {
        await chain.LeaveAsync(accounts).ConfigureAwait(false);
        await background.DisposeAsync().ConfigureAwait(false);
        foreach (var sender in senders.All) await sender.StopAsync().ConfigureAwait(false);
    }
}
