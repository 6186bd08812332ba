using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Reads the nodes from the settlement chain and keeps the usable ones: canonical, with a valid key and an http(s) address.
/// </summary>
internal sealed partial class ContractNodeSource : IDisposable
{
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(10);

    private readonly ChainClient _chain;
    private readonly NodeRegistryContract _contract;
    private readonly ILogger<ContractNodeSource> _logger;
    private readonly ReadFaults _faults;

    public ContractNodeSource(
        IOptions<ContractsOptions> options, ILogger<ContractNodeSource> logger, UnreachableEndpoints? unreachable = null)
    {
        _faults = new ReadFaults(unreachable);
        var chain = options.Value.SettlementChain;
        var url = chain.RpcUrl ?? throw new InvalidOperationException("the settlement chain has no RPC URL");
        _chain = new ChainClient(url, MaxAnswerTime);
        _contract = new NodeRegistryContract(_chain.Rpc, chain.NodeRegistry);
        _logger = logger;
    }

    /// <summary>Reads the usable nodes now.</summary>
    /// <returns>Null when they could not be read; the reason is in the log.</returns>
    public async Task<NodeSet?> ReadAsync(CancellationToken cancellationToken)
    {
        var read = await _contract.GetAllNodesAsync(cancellationToken).ConfigureAwait(false);
        if (!read.TryGet(out var registered, out var error))
        {
            var severity = _faults.Failed(_chain.Rpc.Transport, error);
            LogUnread(_logger, severity, error);
            return null;
        }

        _faults.Worked();
        var usable = new List<NetworkNode>();
        foreach (var node in registered)
        {
            if (!node.IsCanonical) continue;
            if (node.UsableAddress is { } address) usable.Add(new NetworkNode(node.NodeId, address, node.SigningPublicKey, node.Signer));
            else LogUnusable(_logger, node.NodeId);
        }

        return new NodeSet(usable.DistinctBy(node => node.Id));
    }

    public void Dispose() => _chain.Dispose();

    [LoggerMessage(
        EventId = EventIds.ContractNodeSourceUnread,
        Message = "the node registry could not be read; keeping the last nodes: {Error}")]
    private static partial void LogUnread(ILogger logger, LogLevel severity, RpcError error);

    [LoggerMessage(
        EventId = EventIds.ContractNodeSourceUnusable,
        Level = LogLevel.Warning,
        Message = "node {Node} is canonical but not usable: its key or its address is invalid")]
    private static partial void LogUnusable(ILogger logger, uint node);
}
