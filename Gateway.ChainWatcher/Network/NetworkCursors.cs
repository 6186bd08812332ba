namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>The cursors of all nodes, and how far each node is behind the others.</summary>
/// <remarks>
/// Thread-safe. A node that is down keeps its last cursor, so that its lag grows. A node that has reported and has no entry
/// of an originator counts as 0 if that originator is a node of the network, and is left out for any other originator:
/// not every node has the envelopes of migrations and of nodes that left. An originator that left the network keeps its
/// cursors, and nobody is behind in it any more: what a node lacks of it may come from nowhere.
/// </remarks>
internal sealed class NetworkCursors(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<uint, NodeFigures> _nodes = [];
    private RegisteredNetwork _network = RegisteredNetwork.Unknown;
    private bool _isKnown;
    private long _registryErrors;

    /// <summary>Sets the nodes. Those that are not in the network any more are forgotten.</summary>
    public void SetNetwork(RegisteredNetwork network)
    {
        lock (_gate)
        {
            _network = network;
            _isKnown = true;
            var ids = network.Nodes.Select(node => node.Id).ToHashSet();
            foreach (var id in _nodes.Keys.Where(id => !ids.Contains(id)).ToList()) _nodes.Remove(id);
            foreach (var node in network.Nodes)
            {
                if (_nodes.TryGetValue(node.Id, out var figures)) figures.Address = node.Address;
                else _nodes[node.Id] = new NodeFigures(node.Id, time.GetUtcNow()) { Address = node.Address };
            }

            Recompute(Originators());
        }
    }

    /// <summary>Forgets everything but the number of errors of the registry.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _network = RegisteredNetwork.Unknown;
            _isKnown = false;
            _nodes.Clear();
        }
    }

    /// <summary>Counts a read of the registry that failed.</summary>
    public void CountRegistryError()
    {
        lock (_gate) _registryErrors++;
    }

    /// <summary>Replaces the cursor of a node, which is up.</summary>
    public void Apply(uint id, IReadOnlyDictionary<uint, ulong> cursor)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(id, out var node)) return;
            var now = time.GetUtcNow();
            node.SetUp(true, now);
            var isFirst = node.LastUpdate is null;
            var changed = node.Replace(cursor.Where(entry => _network.MayOriginate(entry.Key)).ToDictionary(), now);
            Recompute(isFirst ? Originators() : changed);
        }
    }

    /// <summary>Sets a node down; its cursor stays.</summary>
    /// <param name="id">The node.</param>
    /// <param name="reason">The reason to count; null for a stream that the node ended without an error.</param>
    public void SetDown(uint id, string? reason)
    {
        lock (_gate)
        {
            if (!_nodes.TryGetValue(id, out var node)) return;
            node.SetUp(false, time.GetUtcNow());
            if (reason is not null) node.Errors[reason] = node.Errors.GetValueOrDefault(reason) + 1;
        }
    }

    /// <summary>All figures of one moment; null while the network is not known.</summary>
    public NetworkSnapshot? Snapshot()
    {
        lock (_gate)
        {
            if (!_isKnown) return null;
            var originators = Originators().Select(SnapshotOf).ToList();
            return new NetworkSnapshot([.. _nodes.Values.Select(node => SnapshotOf(node, originators))], originators);
        }
    }

    /// <summary>The number of reads of the registry that failed.</summary>
    public long RegistryErrors
    {
        get
        {
            lock (_gate) return _registryErrors;
        }
    }

    // Requires the lock, as all below.
    private SortedSet<uint> Originators() => [.. _nodes.Values.SelectMany(node => node.Cursor.Keys)];

    private ulong? Position(NodeFigures node, uint originator) =>
        node.Cursor.TryGetValue(originator, out var last) ? last
        : node.LastUpdate is not null && _nodes.ContainsKey(originator) ? 0
        : null;

    private OriginatorSnapshot SnapshotOf(uint originator)
    {
        var positions = _nodes.Values.Select(node => Position(node, originator)).OfType<ulong>().ToList();
        return new OriginatorSnapshot(originator, positions.Max(), positions.Max() - positions.Min());
    }

    private NodeSnapshot SnapshotOf(NodeFigures node, IEnumerable<OriginatorSnapshot> originators) => new(
        node.Id,
        node.Address,
        node.IsUp,
        node.Since,
        node.LastUpdate,
        node.Cursor,
        new Dictionary<string, long>(node.Errors),
        [.. originators.Select(originator => LagOf(node, originator)).OfType<LagSnapshot>()]);

    private LagSnapshot? LagOf(NodeFigures node, OriginatorSnapshot originator) =>
        IsServed(originator.Id) && Position(node, originator.Id) is { } position
            ? new LagSnapshot(
                originator.Id,
                originator.Max - position,
                node.StalledSince.TryGetValue(originator.Id, out var since) ? since : null)
            : null;

    private bool IsServed(uint originator) => originator < RegisteredNetwork.FirstNodeId || _nodes.ContainsKey(originator);

    private void Recompute(IEnumerable<uint> originators)
    {
        foreach (var originator in originators)
        {
            var max = _nodes.Values.Max(node => Position(node, originator) ?? 0);
            foreach (var node in _nodes.Values)
            {
                if (Position(node, originator) is { } position && position < max) node.StalledSince.TryAdd(originator, time.GetUtcNow());
                else node.StalledSince.Remove(originator);
            }
        }
    }
}
