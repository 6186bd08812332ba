using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Contracts;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>Reads the network from the node registry on the settlement chain.</summary>
internal sealed partial class NetworkReader : IDisposable
{
    private static readonly TimeSpan MaxReadTime = TimeSpan.FromSeconds(30);
    private readonly ChainClient _chain;
    private readonly NodeRegistryContract _contract;
    private readonly ILogger<NetworkReader> _logger;
    private readonly HashSet<uint> _unusable = [];
    private bool _isUnread;

    /// <summary>Creates the reader; it connects at the first read.</summary>
    public NetworkReader(IOptions<ContractsOptions> options, TimeProvider time, ILogger<NetworkReader> logger)
    {
        var chain = options.Value.SettlementChain;
        _chain = new ChainClient(chain.RpcUrl!, MaxReadTime, time);
        _contract = new NodeRegistryContract(_chain.Rpc, chain.NodeRegistry);
        _logger = logger;
    }

    /// <summary>Reads the network now.</summary>
    /// <returns>Null when it could not be read; the reason is in the log.</returns>
    public async Task<RegisteredNetwork?> ReadAsync(CancellationToken cancellationToken)
    {
        var read = await _contract.GetAllNodesAsync(cancellationToken);
        if (!read.TryGet(out var registered, out var error))
        {
            if (!_isUnread && !cancellationToken.IsCancellationRequested) LogUnread(_logger, error);
            _isUnread = true;
            return null;
        }

        if (_isUnread) LogRead(_logger);
        _isUnread = false;
        var nodes = new List<WatchedNode>();
        foreach (var node in registered.Where(node => node.IsCanonical))
        {
            if (node.UsableAddress is { } address)
            {
                nodes.Add(new WatchedNode(node.NodeId, address));
                _unusable.Remove(node.NodeId);
            }
            else if (_unusable.Add(node.NodeId)) LogUnusable(_logger, node.NodeId);
        }

        return new RegisteredNetwork([.. nodes.DistinctBy(node => node.Id)], registered.Select(node => node.NodeId).ToHashSet());
    }

    /// <inheritdoc/>
    public void Dispose() => _chain.Dispose();

    [LoggerMessage(
        EventIds.NetworkReaderUnread,
        LogLevel.Warning,
        "the node registry could not be read, the last nodes stay watched: {Error}")]
    private static partial void LogUnread(ILogger logger, RpcError error);

    [LoggerMessage(EventIds.NetworkReaderRead, LogLevel.Information, "the node registry can be read again")]
    private static partial void LogRead(ILogger logger);

    [LoggerMessage(
        EventIds.NetworkReaderUnusable,
        LogLevel.Warning,
        "node {Node} is canonical and is not watched: its key or its address is invalid")]
    private static partial void LogUnusable(ILogger logger, uint node);
}
