using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork.Coalescing;

/// <summary>
/// What a node is known to have seen of the App Chain: what accepted envelopes depended on. Thread-safe.
/// </summary>
internal sealed class SeenCommits
{
    // The highest sequence id plus one; 0 while nothing is known.
    private ulong _groupMessages;
    private ulong _identityUpdates;

    /// <summary>Whether the node is known to have seen all that an envelope depends on.</summary>
    internal bool Cover(EnvelopeDependencies on) =>
        !on.HasOthers
            && (on.GroupMessage is not { } message || message < Volatile.Read(ref _groupMessages))
            && (on.IdentityUpdate is not { } update || update < Volatile.Read(ref _identityUpdates));

    /// <summary>Records that the node accepted an envelope.</summary>
    internal void Accepted(EnvelopeDependencies on)
    {
        if (on.GroupMessage is { } message) Raise(ref _groupMessages, message);
        if (on.IdentityUpdate is { } update) Raise(ref _identityUpdates, update);
    }

    /// <summary>Records that the node refused, for their dependencies alone, envelopes that were covered: its view went back.</summary>
    internal void Forget()
    {
        Volatile.Write(ref _groupMessages, 0);
        Volatile.Write(ref _identityUpdates, 0);
    }

    private static void Raise(ref ulong known, ulong sequence)
    {
        for (var seen = Volatile.Read(ref known); seen <= sequence;)
        {
            var before = Interlocked.CompareExchange(ref known, sequence + 1, seen);
            if (before == seen) return;
            seen = before;
        }
    }
}
