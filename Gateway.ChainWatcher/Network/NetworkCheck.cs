using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>Requires the node registry where the settlement chain alone is followed; else it is required anyway.</summary>
internal sealed class NetworkCheck(UncheckedOptions<WatcherOptions> watcher, UncheckedOptions<ContractsOptions> contracts) : IStartCheck
{
    private const string Fault =
        "--contracts.settlement-chain.node-registry-address (XMTPD_SETTLEMENT_CHAIN_NODE_REGISTRY_ADDRESS): required with " +
        "--watcher.network, unless --contracts.environment or a contracts file gives it";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var isMissing = watcher.Value.Network
            && contracts.Value.AppChain.RpcUrl is null
            && contracts.Value.SettlementChain.NodeRegistry.IsZero;
        return Task.FromResult<IReadOnlyList<string>>(isMissing ? [Fault] : []);
    }
}
