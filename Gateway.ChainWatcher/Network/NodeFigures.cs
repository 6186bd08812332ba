namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>What is known of one node. Not thread-safe: <see cref="NetworkCursors"/> holds its lock.</summary>
internal sealed class NodeFigures(uint id, DateTimeOffset now)
{
    /// <summary>Its originator id.</summary>
    public uint Id => id;

    /// <summary>Its current address.</summary>
    public required Uri Address { get; set; }

    /// <summary>Whether its stream is open and has sent a cursor.</summary>
    public bool IsUp { get; private set; }

    /// <summary>Since when it has been up or down.</summary>
    public DateTimeOffset Since { get; private set; } = now;

    /// <summary>When it sent its last cursor; null before the first.</summary>
    public DateTimeOffset? LastUpdate { get; private set; }

    /// <summary>Its last cursor. It stays while the node is down.</summary>
    public IReadOnlyDictionary<uint, ulong> Cursor { get; private set; } = new Dictionary<uint, ulong>();

    /// <summary>Since when it has been behind in an originator without any progress, by originator id.</summary>
    public Dictionary<uint, DateTimeOffset> StalledSince { get; } = [];

    /// <summary>The errors of its streams, by reason.</summary>
    public Dictionary<string, long> Errors { get; } = [];

    /// <summary>Sets whether it is up.</summary>
    public void SetUp(bool isUp, DateTimeOffset at)
    {
        if (IsUp == isUp) return;
        IsUp = isUp;
        Since = at;
    }

    /// <summary>Replaces its cursor.</summary>
    /// <returns>The originators whose sequence id changed.</returns>
    public IReadOnlyList<uint> Replace(IReadOnlyDictionary<uint, ulong> cursor, DateTimeOffset at)
    {
        var changed = cursor.Where(entry => !Cursor.TryGetValue(entry.Key, out var before) || before != entry.Value)
            .Select(entry => entry.Key)
            .Concat(Cursor.Keys.Where(originator => !cursor.ContainsKey(originator)))
            .ToList();
        Cursor = cursor;
        LastUpdate = at;
        foreach (var originator in changed) StalledSince.Remove(originator);
        return changed;
    }
}
