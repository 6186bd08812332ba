using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Holds the nodes of the last successful read.</summary>
internal sealed partial class NodeRegistry(ContractNodeSource source, PublishMetrics metrics, ILogger<NodeRegistry> logger)
    : INodeRegistry, IDisposable
{
    private readonly SemaphoreSlim _refreshing = new(1, 1);
    private volatile NodeSet _current = NodeSet.Empty;

    public NodeSet Current => _current;

    public event Action<NodeSet>? Changed;

    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await _refreshing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (await source.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } read)
            {
                metrics.RegistryUnread();
                return;
            }

            if (read.Equals(_current)) return;
            _current = read;
            LogChanged(logger, read.Nodes.Count);
            Changed?.Invoke(read);
        }
        finally
        {
            _refreshing.Release();
        }
    }

    public void Dispose() => _refreshing.Dispose();

    [LoggerMessage(
        EventId = EventIds.NodeRegistryChanged,
        Level = LogLevel.Information,
        Message = "the Broadcast Network has {Count} usable nodes")]
    private static partial void LogChanged(ILogger logger, int count);
}
