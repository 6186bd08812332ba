using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>How long the chain's endpoint has been failing requests, and its last error. Thread-safe.</summary>
/// <remarks>A rate-limited request does not count as a failure: it is retried after a delay.</remarks>
internal sealed class EndpointState(TimeProvider time)
{
    /// <summary>The interval at which code that waits for the endpoint checks this state.</summary>
    internal static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(500);

    // An older failure says nothing about the endpoint's current state.
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private (RpcError Error, long Since, long Last)? _trouble;

    /// <summary>
    /// The last error, and how long there have been only errors; null when the endpoint works, or was not called lately.
    /// </summary>
    internal (RpcError Error, TimeSpan For)? Trouble
    {
        get
        {
            lock (_gate)
            {
                return _trouble is { } found && time.GetElapsedTime(found.Last) <= FreshFor
                    ? (found.Error, time.GetElapsedTime(found.Since))
                    : null;
            }
        }
    }

    /// <summary>Whether every request has failed for at least <paramref name="span"/>.</summary>
    internal bool Refuses(TimeSpan span) => Trouble is { } found && found.For >= span;

    internal void Served()
    {
        lock (_gate) _trouble = null;
    }

    internal void Refused(RpcError error)
    {
        if (error.Kind == RpcErrorKind.RateLimited) return;
        lock (_gate)
        {
            var now = time.GetTimestamp();
            _trouble = (error, _trouble is { } found && time.GetElapsedTime(found.Last, now) <= FreshFor ? found.Since : now, now);
        }
    }
}
