using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>
/// The state of a chain's follower, for health and metrics. Any thread may read it; each member is read by itself.
/// </summary>
public sealed class FollowStatus
{
    private long _head = -1;
    private long _headTime;
    private long _next;
    private long _troubleSince;
    private long _reconnects;
    private long _rollbacks;
    private long _refusals;

    /// <summary>The newest known block of the chain as it is followed; null until it is read for the first time.</summary>
    public ulong? Head
    {
        get => Volatile.Read(ref _head) is var known and >= 0 ? (ulong)known : null;
        internal set => Volatile.Write(ref _head, value is { } known ? (long)known : -1);
    }

    /// <summary>
    /// The time of that block, in Unix seconds; null until it is read for the first time, or when the endpoint gives none.
    /// </summary>
    public ulong? HeadTime
    {
        get => Volatile.Read(ref _headTime) is var known and > 0 ? (ulong)known : null;
        internal set => Volatile.Write(ref _headTime, (long)(value ?? 0));
    }

    /// <summary>The first block that was not read.</summary>
    public ulong Next { get => (ulong)Volatile.Read(ref _next); internal set => Volatile.Write(ref _next, (long)value); }

    /// <summary>Whether a subscription is active; without one the chain is polled.</summary>
    public bool IsLive { get; internal set; }

    /// <summary>When the endpoint last answered, as a timestamp of the clock; 0 before the first time.</summary>
    public long LastAnswer { get; internal set; }

    /// <summary>The last error; null after the next success.</summary>
    public RpcError? Trouble { get; internal set; }

    /// <summary>
    /// When the first error after the last success came, as a timestamp of the clock. Has a meaning only while
    /// <see cref="Trouble"/> is not null.
    /// </summary>
    public long TroubleSince { get => Volatile.Read(ref _troubleSince); internal set => Volatile.Write(ref _troubleSince, value); }

    /// <summary>How often the connection was renewed because a subscription was silent.</summary>
    public long SilentSubscriptions => Volatile.Read(ref _reconnects);

    /// <summary>How often blocks were rolled back.</summary>
    public long Rollbacks => Volatile.Read(ref _rollbacks);

    /// <summary>How often the endpoint refused a range.</summary>
    public long RefusedRanges => Volatile.Read(ref _refusals);

    /// <summary>How many blocks one query spans now.</summary>
    public int PageSize { get; internal set; }

    internal void CountReconnect() => Interlocked.Increment(ref _reconnects);

    internal void CountRollback() => Interlocked.Increment(ref _rollbacks);

    internal void CountRefusal() => Interlocked.Increment(ref _refusals);
}
