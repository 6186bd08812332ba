using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Transactions.Fees;

namespace Xmtp.Gateway.AppChain;

/// <summary>Checks that the kind of chain of the App Chain can be detected, without which nothing can be priced.</summary>
/// <remarks>A chain that does not answer at all is reported by the check of the chains.</remarks>
internal sealed class AppChainKindCheck(IServiceProvider services, UncheckedOptions<ContractsOptions> contracts, TimeProvider time)
    : IStartCheck
{
    /// <inheritdoc/>
    public string Subject => "App Chain kind";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        if (contracts.Value.AppChain.RpcUrl is null || contracts.Value.AppChain.ChainId == 0) return [];
        using var timeout = new CancellationTokenSource(contracts.Value.StartTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var error = await DetectAsync(services.GetRequiredService<FeeOracle>(), linked.Token).ConfigureAwait(false);
            return error is null
                ? []
                : [$"--contracts.app-chain.rpc-url (XMTPD_APP_CHAIN_RPC_URL): the kind of the chain could not be read: {error}"];
        }
        catch (Exception exception) when (exception is GatewayStartException or OptionsValidationException)
        {
            // Faults of the key and the options are reported by their own checks.
            return [];
        }
    }

    private static async Task<RpcError?> DetectAsync(FeeOracle fees, CancellationToken timeoutToken)
    {
        try
        {
            return await fees.DetectWhenServedAsync(timeoutToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}

/// <summary>Starts flow 2 with the host.</summary>
/// <remarks>A rate-limited or unavailable endpoint is retried for as long as a start may take.</remarks>
internal sealed class AppChainService(AppChainFlow flow, FeeOracle fees, IOptions<ContractsOptions> contracts, TimeProvider time)
    : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!fees.IsDetected && await DetectAsync(cancellationToken).ConfigureAwait(false) is { } error)
            throw new InvalidOperationException($"the kind of the App Chain could not be read: {error}");
        await flow.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<RpcError?> DetectAsync(CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(contracts.Value.StartTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await fees.DetectWhenServedAsync(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return RpcError.Transport("eth_getBlockByNumber", "no answer came in time");
        }
    }
}
