using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Keeps requests away from a node that alone refuses what other nodes accept, as long as there are other nodes.
/// </summary>
/// <remarks>
/// Refusals from three identities within a minute, without an accepted publish in between, ban the node; one identity
/// alone never does. A ban lasts 10 s, and twice as long each time that it is repeated before the node accepted
/// anything, up to 5 minutes. Thread-safe. While every node is healthy a publish costs one volatile read.
/// </remarks>
internal sealed partial class RefusalBans(PublishMetrics metrics, TimeProvider time, ILogger<RefusalBans> logger)
{
    private const int IdentitiesToBan = 3;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan FirstBan = TimeSpan.FromSeconds(10), MaxBan = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<uint, Record> _records = [];
    private volatile bool _any;

    /// <summary>Whether there is a record for any node.</summary>
    internal bool Any => _any;

    /// <summary>The nodes that are banned now, ascending.</summary>
    internal IReadOnlyList<uint> Banned
    {
        get
        {
            lock (_gate) return [.. _records.Keys.Where(IsBannedNow).Order()];
        }
    }

    /// <summary>Whether requests should go to another node.</summary>
    internal bool IsBanned(uint node)
    {
        if (!_any) return false;
        lock (_gate) return IsBannedNow(node);
    }

    /// <summary>Records that a node accepted a publish.</summary>
    internal void Accepted(uint node)
    {
        if (!_any) return;
        lock (_gate)
        {
            // A publish sent before the ban may be accepted during it.
            if (!_records.ContainsKey(node) || IsBannedNow(node)) return;
            _records.Remove(node);
            _any = _records.Count > 0;
        }
    }

    /// <summary>Records that a node refused what another one accepted.</summary>
    /// <param name="node">The node.</param>
    /// <param name="caller">The caller of the request; null when it is not known, and then not counted.</param>
    internal void RefusedAlone(uint node, ClientIdentity? caller)
    {
        metrics.RefusedAlone(PublishMetrics.Originator(node));
        if (caller is null) return;
        TimeSpan ban;
        lock (_gate)
        {
            if (!_records.TryGetValue(node, out var record)) _records[node] = record = new Record();
            _any = true;
            if (IsBannedNow(node)) return;
            if (record.Identities.Count > 0 && time.GetElapsedTime(record.First) > Window) record.Identities.Clear();
            if (record.Identities.Count == 0) record.First = time.GetTimestamp();
            record.Identities.Add(caller);
            if (record.Identities.Count < IdentitiesToBan) return;

            record.Identities.Clear();
            record.Ban = ban = record.Ban == TimeSpan.Zero ? FirstBan : DoublingPause.After(record.Ban, MaxBan);
            record.BannedAt = time.GetTimestamp();
        }

        LogBanned(logger, node, ban.TotalSeconds);
        metrics.Banned(PublishMetrics.Originator(node));
    }

    private bool IsBannedNow(uint node) =>
        _records.TryGetValue(node, out var record) && record.Ban > TimeSpan.Zero && time.GetElapsedTime(record.BannedAt) < record.Ban;

    private sealed class Record
    {
        internal HashSet<ClientIdentity> Identities { get; } = [];

        internal long First { get; set; }

        internal long BannedAt { get; set; }

        internal TimeSpan Ban { get; set; }
    }

    [LoggerMessage(
        EventIds.RefusalBansBanned,
        LogLevel.Warning,
        "node {Node} alone refuses what other nodes accept, from several callers; it is avoided for {Seconds} s")]
    private static partial void LogBanned(ILogger logger, uint node, double seconds);
}
