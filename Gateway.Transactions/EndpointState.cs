using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>How long the chain's endpoint has been failing requests, and its last error. Thread-safe.</summary>
/// <remarks>
/// A rate-limited request is told, but nothing is refused for it: it is retried after a delay.
/// </remarks>
internal sealed class EndpointState(TimeProvider time)
{
    /// <summary>The interval at which code that waits for the endpoint checks this state.</summary>
    internal static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(500);

    // An older failure says nothing about the endpoint's current state.
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private (RpcError Error, long Since, long Last)? _failed;
    private (RpcError Error, long Since, long Last)? _limited;

    /// <summary>
    /// The last error, and how long there have been only errors; null when the endpoint works, or was not called lately.
    /// </summary>
    internal (RpcError Error, TimeSpan For)? Trouble
    {
        get
        {
            lock (_gate)
            {
                return Fresh(_failed) ?? Fresh(_limited);
            }
        }
    }

    /// <summary>Whether every request has failed for at least <paramref name="span"/>, and not for a rate limit.</summary>
    internal bool Refuses(TimeSpan span)
    {
        lock (_gate) return Fresh(_failed) is { } found && found.For >= span;
    }

    internal void Served()
    {
        lock (_gate)
        {
            _failed = null;
            _limited = null;
        }
    }

    internal void Refused(RpcError error)
    {
        lock (_gate)
        {
            if (error.Kind == RpcErrorKind.RateLimited) _limited = Again(_limited, error);
            else _failed = Again(_failed, error);
        }
    }

    private (RpcError Error, long Since, long Last) Again((RpcError Error, long Since, long Last)? before, RpcError error)
    {
        var now = time.GetTimestamp();
        return (error, before is { } found && time.GetElapsedTime(found.Last, now) <= FreshFor ? found.Since : now, now);
    }

    private (RpcError Error, TimeSpan For)? Fresh((RpcError Error, long Since, long Last)? seen) =>
        seen is { } found && time.GetElapsedTime(found.Last) <= FreshFor ? (found.Error, time.GetElapsedTime(found.Since)) : null;
}
