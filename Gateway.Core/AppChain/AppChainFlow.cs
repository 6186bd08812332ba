using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>Starts and stops the background work of flow 2, for one payer on one chain.</summary>
internal sealed class AppChainFlow(
    TransactionManager manager,
    TransactionWork transactions,
    AdoptedPublishes adopted,
    ContractReadings contracts,
    ChainSubscription subscription,
    BackgroundWork background,
    AppChainTransactionOptions options) : IAsyncDisposable
{
    /// <summary>
    /// The error that a publish would wait for or fail with now, and how long it has lasted; null when none is known.
    /// </summary>
    internal (RpcError Error, TimeSpan For)? Trouble => manager.Trouble;

    /// <summary>
    /// Opens the nonce store, takes over what a crash left, including its claims, before any resend is accepted, and
    /// starts the background work. An unavailable store does not fail the start: it is retried in the background.
    /// </summary>
    /// <exception cref="GatewayStartException">A later release wrote the store.</exception>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await transactions.OpenAsync(adopted.TakeAsync, cancellationToken).ConfigureAwait(false))
            throw new GatewayStartException([NonceLayoutCheck.Fault]);
        await contracts.ReadAsync(cancellationToken).ConfigureAwait(false);
        transactions.Start();
        background.Repeat("reading contracts", options.ContractRefresh, contracts.ReadWhenDueAsync);
        subscription.Start();
    }

    /// <summary>Stops. What is in flight stays in the store; the next process, or another replica, takes it over.</summary>
    public ValueTask DisposeAsync() => background.DisposeAsync();
}
