using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Doctor.Findings;

/// <summary>
/// Checks by the nodes' sync cursors whether they have each other's envelopes. A node that lacks some, and gets none of them
/// for some seconds, is a warning.
/// </summary>
/// <remarks>
/// Without the chain watcher: each node is asked for its cursor (<c>MetadataApi/GetSyncCursor</c>). Only originators that
/// are nodes of the network count: not every node has the envelopes of migrations and of nodes that left.
/// </remarks>
internal static class ReplicationFindings
{
    private const string Name = "replication";
    private static readonly TimeSpan MaxAnswerTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ProgressTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Adds the findings on these canonical nodes.</summary>
    internal static async Task AddAsync(
        DoctorExamination examination, IReadOnlyList<RegisteredNode> canonical, CancellationToken cancellationToken)
    {
        var asked = canonical.Where(node => node.UsableAddress is not null).DistinctBy(node => node.NodeId).ToList();
        var first = await ReadAsync(asked, cancellationToken).ConfigureAwait(false);
        // A call that failed once shows nothing of the node.
        foreach (var (id, cursor) in await ReadAsync(
            [.. asked.Where(node => !first.ContainsKey(node.NodeId))], cancellationToken).ConfigureAwait(false))
        {
            first.Add(id, cursor);
        }

        if (first.Count < 2)
        {
            examination.Add(DoctorFinding.NotChecked(
                Name, canonical.Count < 2 ? "there is one node alone" : $"{first.Count} of {canonical.Count} nodes show what they have"));
            return;
        }

        var stalled = await StalledAsync(
            [.. asked.Where(node => first.ContainsKey(node.NodeId))], first, cancellationToken).ConfigureAwait(false);
        foreach (var finding in Findings(stalled, first.Count)) examination.Add(finding);
        if (stalled.Count > 0) return;
        var unread = string.Join(", ", canonical.Select(node => node.NodeId).Distinct().Where(id => !first.ContainsKey(id)));
        var others = unread.Length > 0 ? $"; {unread} did not show what they have" : "";
        examination.Add(DoctorFinding.Ok(Name, $"{first.Count} nodes have each other's envelopes{others}"));
    }

    // What each node lacked at the first reading and has got nothing of since.
    private static async Task<List<Lack>> StalledAsync(
        IReadOnlyList<RegisteredNode> nodes, Dictionary<uint, Cursor> first, CancellationToken cancellationToken)
    {
        var lacks = first.Keys
            .Select(originator => (Originator: originator, Max: first.Values.Max(cursor => Position(cursor, originator))))
            .SelectMany(known => first.Select(
                node => new Lack(node.Key, known.Originator, Position(node.Value, known.Originator), known.Max)))
            .Where(lack => lack.Count > 0)
            .ToList();
        var began = TimeProvider.System.GetTimestamp();
        while (lacks.Count > 0 && TimeProvider.System.GetElapsedTime(began) < ProgressTime)
        {
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
            var now = await ReadAsync(
                [.. nodes.Where(node => lacks.Exists(lack => lack.Node == node.NodeId))], cancellationToken).ConfigureAwait(false);
            lacks.RemoveAll(lack => now.TryGetValue(lack.Node, out var cursor) && Position(cursor, lack.Originator) > lack.Has);
        }

        return lacks;
    }

    // Where all other nodes lack an originator's envelopes, that originator does not replicate; else it is the node that lacks them.
    private static IEnumerable<DoctorFinding> Findings(List<Lack> stalled, int nodes)
    {
        var silent = stalled.GroupBy(lack => lack.Originator).Where(lacks => nodes > 2 && lacks.Count() == nodes - 1).ToList();
        foreach (var lacks in silent)
        {
            yield return DoctorFinding.Warning(
                $"node {lacks.Key} {Name}",
                $"no other node gets its envelopes: they lack up to {lacks.Max(lack => lack.Count)}; only its own readers see them");
        }

        var rest = stalled.Where(lack => !silent.Exists(lacks => lacks.Key == lack.Originator));
        foreach (var lacks in rest.GroupBy(lack => lack.Node))
        {
            var what = string.Join(", ", lacks.Select(lack => $"{lack.Count} envelopes of node {lack.Originator}"));
            yield return DoctorFinding.Warning(
                $"node {lacks.Key} {Name}",
                $"it lacks {what}, and got none of them for {ProgressTime.TotalSeconds} s; its readers miss them");
        }
    }

    // The cursors of the nodes that answer; whether a node is healthy at all is another finding.
    private static async Task<Dictionary<uint, Cursor>> ReadAsync(
        IReadOnlyList<RegisteredNode> nodes, CancellationToken cancellationToken)
    {
        var read = await Task.WhenAll(nodes.Select(
            async node => (node.NodeId, Cursor: await ReadAsync(node.UsableAddress!, cancellationToken).ConfigureAwait(false))))
            .ConfigureAwait(false);
        return read.Where(one => one.Cursor is not null).ToDictionary(one => one.NodeId, one => one.Cursor!);
    }

    private static async Task<Cursor?> ReadAsync(Uri address, CancellationToken cancellationToken)
    {
        using var channel = GrpcChannel.ForAddress(address);
        try
        {
            var deadline = TimeProvider.System.GetUtcNow().Add(MaxAnswerTime).UtcDateTime;
            var answer = await new MetadataApi.MetadataApiClient(channel)
                .GetSyncCursorAsync(new GetSyncCursorRequest(), deadline: deadline, cancellationToken: cancellationToken);
            return answer.LatestSync ?? new Cursor();
        }
        catch (RpcException)
        {
            return null;
        }
    }

    private static ulong Position(Cursor cursor, uint originator) => cursor.NodeIdToSequenceId.GetValueOrDefault(originator);

    private sealed record Lack(uint Node, uint Originator, ulong Has, ulong Max)
    {
        internal ulong Count => Max - Has;
    }
}
