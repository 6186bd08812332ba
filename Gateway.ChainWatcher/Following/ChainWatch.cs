using Xmtp.Gateway.Chain.Streaming;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>What is known of one chain while this watcher leads: its figures, and how it is followed.</summary>
internal sealed class ChainWatch(WatchedChain chain, EndpointWatch endpoint, TimeProvider time)
{
    public WatchedChain Chain => chain;

    /// <summary>The figures; null while this watcher does not lead.</summary>
    public ChainLedger? Ledger { get; internal set; }

    /// <summary>
    /// The figures for metrics; null while this watcher does not lead, and while it reads history for the first time or again.
    /// Prometheus then sees a gap, and no counter that falls to zero and climbs over all of history.
    /// </summary>
    public ChainLedger? Measured => Ledger is { HasCaughtUp: true } ledger ? ledger : null;

    /// <summary>The state of the follower, which both chains share if they are one; null while this watcher does not lead.</summary>
    public FollowStatus? Status => endpoint.Status;

    /// <summary>The state of the chain's provider; null while this watcher does not lead.</summary>
    public ProviderView? Provider =>
        Status is { } status ? ProviderView.Of(status, endpoint.FollowsSince, chain.LostAfter, time) : null;

    /// <summary>
    /// Blocks from the last that was read to the newest; null until the newest is known. While the provider is unavailable the
    /// blocks that the chain has made since its last answer are estimated by the chain's pace: at least 1.
    /// </summary>
    public long? BlocksBehind
    {
        get
        {
            if (Status is not { Head: { } head } status) return null;
            var next = status.Next;
            var known = Math.Max(head + 1, next) - next;
            return Provider is { State: ProviderState.Unavailable } provider
                ? (long)Math.Max(1, known + endpoint.Pace.BlocksIn(provider.For))
                : (long)known;
        }
    }

    /// <summary>How long ago the newest known block was made, in whole seconds by the block's time; null until it is known.</summary>
    public long? HeadAge => Status?.HeadTime is { } made ? Math.Max(0, time.GetUtcNow().ToUnixTimeSeconds() - (long)made) : null;
}
