using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Keys;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Checks that the payer's key is not the key of a registered node: a signature of one could be taken for the other's.
/// </summary>
/// <remarks>An unreadable registry is not reported here but by <see cref="ChainCheck"/>.</remarks>
internal sealed class NodeKeyCheck(
    PayerAddresses payers, UncheckedOptions<ContractsOptions> options, TimeProvider time) : IStartCheck
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Whether the last run had the key and read the nodes.</summary>
    internal bool IsChecked { get; private set; }

    /// <inheritdoc/>
    public string Subject => "payer key is no node's";

    /// <inheritdoc/>
    public async Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var chain = options.Value.SettlementChain;
        if (chain.RpcUrl is null || chain.NodeRegistry.IsZero || Payers() is not { } addresses) return [];
        using var timeout = new CancellationTokenSource(options.Value.StartTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        using var client = new ChainClient(chain.RpcUrl);
        try
        {
            var registry = new NodeRegistryContract(client.Rpc, chain.NodeRegistry);
            var nodes = await registry.GetAllNodesAsync(linked.Token).ConfigureAwait(false);
            while (nodes.Error is { Kind: RpcErrorKind.RateLimited } limited)
            {
                await Task.Delay(limited.RetryAfter > Pause ? limited.RetryAfter.Value : Pause, time, linked.Token).ConfigureAwait(false);
                nodes = await registry.GetAllNodesAsync(linked.Token).ConfigureAwait(false);
            }

            IsChecked = nodes.IsOk;
            return [.. addresses.SelectMany(payer => nodes.Value?.Where(node => node.Signer == payer.Address).Take(1).Select(
                node => $"{payer.Setting}: {payer.Address} is the key of node {node.NodeId}; expected a key of its own for the payer")
                ?? [])];
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return [];
        }
    }

    private IReadOnlyList<PayerAddress>? Payers()
    {
        try
        {
            return payers.All;
        }
        catch (GatewayStartException)
        {
            return null;
        }
    }
}
