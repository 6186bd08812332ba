using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain;

/// <summary>Starts and stops what goes on in the background of flow 2, for one payer on one chain.</summary>
internal sealed class AppChainFlow(
    TransactionManager manager,
    TransactionWork transactions,
    AdoptedPublishes adopted,
    Broadcasters broadcasters,
    ChainSubscription news,
    BackgroundWork background,
    AppChainTransactionOptions options) : IAsyncDisposable
{
    /// <summary>Why a publish would wait or fail now, and for how long that has been so; null when nothing is known against it.</summary>
    internal (RpcError Error, TimeSpan For)? Trouble => manager.Trouble;

    /// <summary>
    /// Opens the store, takes over what a crash left, with its claims, before anybody can ask for it again, and begins the
    /// work in the background. A store that does not answer is waited for there.
    /// </summary>
    /// <exception cref="GatewayStartException">A later release wrote the store.</exception>
    internal async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await transactions.OpenAsync(adopted.TakeAsync, cancellationToken).ConfigureAwait(false))
            throw new GatewayStartException([NonceLayoutCheck.Fault]);
        await broadcasters.RefreshAsync(cancellationToken).ConfigureAwait(false);
        transactions.Start();
        background.Repeat("reading contracts", options.ContractRefresh, broadcasters.RefreshAsync);
        news.Start();
    }

    /// <summary>Stops. What is in flight stays in the store; the next process, or another replica, takes it on.</summary>
    public ValueTask DisposeAsync() => background.DisposeAsync();
}
