using System.Collections.Concurrent;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Keeps nodes that do not answer out of every request's way.</summary>
/// <remarks>
/// A transport failure or a timeout holds a node back for a window: 1 s, doubled with each failure to 30 s. When the
/// window is over exactly one request may probe it; its success lets the node back, its failure opens the next window.
/// A dead node so costs one try a window, whatever the load.
/// </remarks>
public sealed class NodeBreaker(TimeProvider time)
{
    /// <summary>The first window.</summary>
    public static TimeSpan FirstWindow { get; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest window.</summary>
    public static TimeSpan LongestWindow { get; } = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<uint, Held> held = new();

    /// <summary>Whether the node should not be chosen now.</summary>
    public bool IsHeldBack(uint node) => held.TryGetValue(node, out var state) && (state.Probing || Left(state) > TimeSpan.Zero);

    /// <summary>Asks to use a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="probe">Whether this call is the one that finds out if the node is back.</param>
    /// <returns>False when the node is held back.</returns>
    public bool TryEnter(uint node, out bool probe)
    {
        probe = false;
        if (!held.TryGetValue(node, out var state)) return true;
        if (state.Probing || Left(state) > TimeSpan.Zero) return false;
        probe = held.TryUpdate(node, state with { Probing = true }, state);
        return probe;
    }

    /// <summary>The node answered.</summary>
    public void Succeeded(uint node) => held.TryRemove(node, out _);

    /// <summary>The node did not answer, or not as a node should.</summary>
    public void Failed(uint node) => held.AddOrUpdate(
        node,
        _ => new Held(time.GetTimestamp(), FirstWindow, false),
        (_, state) => !state.Probing && Left(state) > TimeSpan.Zero
            ? state // one of many calls that were under way when the window opened
            : new Held(time.GetTimestamp(), Min(state.Window * 2, LongestWindow), false));

    /// <summary>The call ended without a verdict on the node, since its caller left: another may probe.</summary>
    public void Abandoned(uint node)
    {
        if (held.TryGetValue(node, out var state) && state.Probing) held.TryUpdate(node, state with { Probing = false }, state);
    }

    /// <summary>How long until one of the nodes may be probed; zero when one may now.</summary>
    public TimeSpan UntilNextProbe(NodeSet nodes)
    {
        var least = LongestWindow;
        foreach (var node in nodes.Nodes)
            if (held.TryGetValue(node.Id, out var state))
                least = Min(least, Left(state));
        return least > TimeSpan.Zero ? least : TimeSpan.Zero;
    }

    private TimeSpan Left(Held state) => state.Window - time.GetElapsedTime(state.Since);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private sealed record Held(long Since, TimeSpan Window, bool Probing);
}
