using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>How long the chain's endpoint has been failing requests, and its last error. Thread-safe.</summary>
/// <remarks>A rate-limited request does not count as a failure: it is retried after a delay.</remarks>
internal sealed class EndpointState(TimeProvider time)
{
    /// <summary>The interval at which code that waits for the endpoint checks this state.</summary>
    internal static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(500);

    // A request that takes longer than this counts as a failure while it is in flight.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(2);
    private static readonly RpcError NoAnswer = RpcError.Transport("eth_sendRawTransaction", "the endpoint does not answer");

    // An older failure says nothing about the endpoint's current state.
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private (RpcError Error, long Since, long Last)? _trouble;
    private int _inFlight;
    private long? _silentSince;

    /// <summary>
    /// The last error, and how long there have been only errors or no answers; null when the endpoint works, or was not called
    /// lately.
    /// </summary>
    internal (RpcError Error, TimeSpan For)? Trouble
    {
        get
        {
            lock (_gate)
            {
                if (_trouble is { } found && time.GetElapsedTime(found.Last) <= FreshFor) return (found.Error, time.GetElapsedTime(found.Since));
                return _silentSince is { } since && time.GetElapsedTime(since) is var silent && silent >= MaxSilence
                    ? (NoAnswer, silent)
                    : null;
            }
        }
    }

    /// <summary>Whether every request has failed for at least <paramref name="span"/>.</summary>
    internal bool Refuses(TimeSpan span) => Trouble is { } found && found.For >= span;

    /// <summary>Counts a request in flight, until <see cref="Answered"/>.</summary>
    internal void Asked()
    {
        lock (_gate)
        {
            _inFlight++;
            _silentSince ??= time.GetTimestamp();
        }
    }

    /// <summary>Ends a request in flight, with or without an answer.</summary>
    internal void Answered()
    {
        lock (_gate) _silentSince = --_inFlight > 0 ? time.GetTimestamp() : null;
    }

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
