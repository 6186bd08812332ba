namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>A node that is watched.</summary>
/// <param name="Id">Its originator id.</param>
/// <param name="Address">Its http or https address.</param>
internal sealed record WatchedNode(uint Id, Uri Address);

/// <summary>The network by its registry.</summary>
/// <param name="Nodes">The usable nodes: canonical, with a valid key and an http(s) address. Their ids are distinct.</param>
/// <param name="Registered">The ids of all nodes that were ever added.</param>
internal sealed record RegisteredNetwork(IReadOnlyList<WatchedNode> Nodes, IReadOnlySet<uint> Registered)
{
    /// <summary>The first id of nodes; those below belong to the App Chain and to migrations.</summary>
    public const uint FirstNodeId = 100;

    /// <summary>The network before its registry was read.</summary>
    public static readonly RegisteredNetwork Unknown = new([], new HashSet<uint>());

    /// <summary>Whether an originator of this id may exist. Other entries of a cursor are ignored, so that they are bounded.</summary>
    public bool MayOriginate(uint id) => id < FirstNodeId || Registered.Contains(id);
}
