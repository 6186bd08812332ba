using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.DevNet.Nodes.Publishing;
using Xmtp.Gateway.DevNet.Nodes.Replication;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The state of a node that survives a kill: its key, its clock, its database, and its faults.</summary>
internal sealed class NodeState : IDisposable
{
    public NodeState(DevNodeOptions options)
    {
        Options = options;
        Key = NodeKey.Of(options.NodeId);
        Store = options.Store ?? new EnvelopeStore();
        Clock = new NodeClock(options.Time);
        Signer = new EnvelopeSigner(options.NodeId, Key, options.Time);
        ChainTimes = options.ChainTimes ?? new ChainTimes();
        Logger = options.Logs.CreateLogger<DevNode>();
        var own = Store.OfOriginator(options.NodeId);
        Rate.Add(own);
        if (own.Count > 0) Clock.ContinueFrom(own[^1].Nanoseconds);
        if (Staged.Peek(int.MaxValue) is [.., var last]) Clock.ContinueFrom(last.Nanoseconds);
    }

    public DevNodeOptions Options { get; }

    public PrivateKeySigner Key { get; }

    public EnvelopeStore Store { get; }

    public StagedEnvelopes Staged => Store.Staged;

    public NodeClock Clock { get; }

    public ChainTimes ChainTimes { get; }

    public MessageRate Rate { get; } = new();

    public EnvelopeSigner Signer { get; }

    public NodeFaultState Faults { get; } = new();

    public ILogger Logger { get; }

    /// <summary>The nodes that it follows.</summary>
    public IReadOnlyList<NodePeer> Peers { get; private set; } = [];

    public void AddPeer(NodePeer peer)
    {
        lock (Faults) Peers = [.. Peers, peer];
    }

    public void Dispose() => Store.Dispose();
}
