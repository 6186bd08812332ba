namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>All figures of the network at one moment.</summary>
/// <param name="Nodes">By ascending id.</param>
/// <param name="Originators">Those that a node has reported, by ascending id.</param>
internal sealed record NetworkSnapshot(IReadOnlyList<NodeSnapshot> Nodes, IReadOnlyList<OriginatorSnapshot> Originators);

/// <summary>The figures of an originator over all nodes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Max">The greatest sequence id that a node has.</param>
/// <param name="Divergence">From the smallest one to that.</param>
internal sealed record OriginatorSnapshot(uint Id, ulong Max, ulong Divergence);

/// <summary>The figures of a node.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Address">Its address.</param>
/// <param name="IsUp">Whether its stream is open and has sent a cursor.</param>
/// <param name="Since">Since when it has been up or down.</param>
/// <param name="LastUpdate">When it sent its last cursor; null before the first.</param>
/// <param name="Cursor">That cursor.</param>
/// <param name="Errors">The errors of its streams, by reason.</param>
/// <param name="Lags">How far it is behind, by originator.</param>
internal sealed record NodeSnapshot(
    uint Id,
    Uri Address,
    bool IsUp,
    DateTimeOffset Since,
    DateTimeOffset? LastUpdate,
    IReadOnlyDictionary<uint, ulong> Cursor,
    IReadOnlyDictionary<string, long> Errors,
    IReadOnlyList<LagSnapshot> Lags);

/// <summary>How far a node is behind in an originator.</summary>
/// <param name="Originator">The originator's id.</param>
/// <param name="Behind">The greatest sequence id that a node has, minus this node's.</param>
/// <param name="StalledSince">Since when it has been behind without any progress; null when it is not behind.</param>
internal sealed record LagSnapshot(uint Originator, ulong Behind, DateTimeOffset? StalledSince);
