using Xmtp.Gateway.BroadcastNetwork;

namespace Xmtp.Gateway.Tests.TestSupport;

/// <summary>A node registry whose contents a test decides.</summary>
public sealed class KnownNodes : INodeRegistry
{
    public NodeSet Current { get; private set; } = NodeSet.Empty;

    public event Action<NodeSet>? Changed;

    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Set(params NetworkNode[] nodes)
    {
        Current = new NodeSet(nodes);
        Changed?.Invoke(Current);
    }
}
