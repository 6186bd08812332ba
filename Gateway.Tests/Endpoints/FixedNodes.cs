using Xmtp.Gateway.BroadcastNetwork;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>A node list that a test decides.</summary>
public sealed class FixedNodes : INodeRegistry
{
    public NodeSet Current { get; private set; } = new(
    [
        new NetworkNode(100, new Uri("http://node-100.example:5050"), new byte[65], default),
        new NetworkNode(200, new Uri("https://node-200.example"), new byte[65], default),
    ]);

    public event Action<NodeSet>? Changed;

    public void Set(NodeSet nodes)
    {
        Current = nodes;
        Changed?.Invoke(nodes);
    }

    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
