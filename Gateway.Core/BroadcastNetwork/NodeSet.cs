using System.Diagnostics.CodeAnalysis;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>The usable nodes at one moment, sorted by id. Immutable; a refresh creates a new set.</summary>
public sealed class NodeSet : IEquatable<NodeSet>
{
    private readonly Dictionary<uint, NetworkNode> _byId;

    /// <summary>Sorts the nodes by id.</summary>
    public NodeSet(IEnumerable<NetworkNode> nodes)
    {
        Nodes = [.. nodes.OrderBy(node => node.Id)];
        _byId = Nodes.ToDictionary(node => node.Id);
    }

    /// <summary>The empty set, used before the registry was first read.</summary>
    public static NodeSet Empty { get; } = new([]);

    /// <summary>The nodes, sorted by id.</summary>
    public IReadOnlyList<NetworkNode> Nodes { get; }

    /// <summary>Finds a node by id.</summary>
    public bool TryGet(uint id, [NotNullWhen(true)] out NetworkNode? node) => _byId.TryGetValue(id, out node);

    /// <summary>Whether both contain the same nodes.</summary>
    public bool Equals(NodeSet? other) => other is not null && Nodes.SequenceEqual(other.Nodes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as NodeSet);

    /// <inheritdoc/>
    public override int GetHashCode() => Nodes.Count;
}
