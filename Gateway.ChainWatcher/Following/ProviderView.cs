using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>How a chain's provider serves its follower.</summary>
internal enum ProviderState
{
    /// <summary>It answers.</summary>
    Serving,

    /// <summary>It has not answered for some seconds: no connection, no answer, or only errors.</summary>
    Unavailable,

    /// <summary>It answers, and for 45 s nothing could be read from its answers.</summary>
    Faulty,
}

/// <summary>The state of a chain's provider at one moment.</summary>
/// <param name="State">The state.</param>
/// <param name="Since">Since when, as a timestamp of the clock; 0 while it serves.</param>
/// <param name="For">For how long; zero while it serves.</param>
/// <param name="IsLost">Whether it has not answered for longer than the chain's limit.</param>
/// <param name="Error">Its last error; null when it serves, or when a request has no answer yet.</param>
internal sealed record ProviderView(ProviderState State, long Since, TimeSpan For, bool IsLost, RpcError? Error)
{
    // A request may fail once: a pooled connection that the provider closed.
    private static readonly TimeSpan UnavailableAfter = TimeSpan.FromSeconds(5);

    // More than the longest pause between two requests and the longest answer of the head together.
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(30);

    // More than a follower doubts an empty answer.
    private static readonly TimeSpan FaultyAfter = TimeSpan.FromSeconds(45);

    /// <summary>The state by what the follower has seen.</summary>
    /// <param name="status">The follower's state.</param>
    /// <param name="followsSince">When it began, as a timestamp of the clock.</param>
    /// <param name="lostAfter">After how long without an answer the chain counts as lost.</param>
    /// <param name="time">The clock.</param>
    public static ProviderView Of(FollowStatus status, long followsSince, TimeSpan lostAfter, TimeProvider time)
    {
        var lastAnswer = status.LastAnswer == 0 ? followsSince : status.LastAnswer;
        var (silent, error, since) = (time.GetElapsedTime(lastAnswer), status.Trouble, status.TroubleSince);
        var troubled = error is null ? TimeSpan.Zero : time.GetElapsedTime(since);
        var isLost = silent > lostAfter;
        if (isLost || (troubled >= UnavailableAfter && (lastAnswer <= since || silent >= SilentAfter)))
            return new ProviderView(ProviderState.Unavailable, lastAnswer, silent, isLost, error);
        return troubled >= FaultyAfter
            ? new ProviderView(ProviderState.Faulty, since, troubled, false, error)
            : new ProviderView(ProviderState.Serving, 0, TimeSpan.Zero, false, null);
    }
}
