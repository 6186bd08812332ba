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

    // A request that takes longer than this counts as a failure while it is in flight.
    private static readonly TimeSpan MaxSilence = TimeSpan.FromSeconds(2);
    private static readonly RpcError NoAnswer = RpcError.Transport("eth_sendRawTransaction", "the endpoint does not answer");

    // An older failure says nothing about the endpoint's current state.
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private (RpcError Error, long Since, long Last)? _failed;
    private (RpcError Error, long Since, long Last)? _limited;
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
                return Fresh(_failed) ?? Silence() ?? Fresh(_limited);
            }
        }
    }

    /// <summary>Whether every request has failed for at least <paramref name="span"/>, and not for a rate limit.</summary>
    internal bool Refuses(TimeSpan span)
    {
        lock (_gate) return (Fresh(_failed) ?? Silence()) is { } found && found.For >= span;
    }

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

    private (RpcError Error, TimeSpan For)? Silence() =>
        _silentSince is { } since && time.GetElapsedTime(since) is var silent && silent >= MaxSilence ? (NoAnswer, silent) : null;

    private (RpcError Error, long Since, long Last) Again((RpcError Error, long Since, long Last)? before, RpcError error)
    {
        var now = time.GetTimestamp();
        return (error, before is { } found && time.GetElapsedTime(found.Last, now) <= FreshFor ? found.Since : now, now);
    }

    private (RpcError Error, TimeSpan For)? Fresh((RpcError Error, long Since, long Last)? seen) =>
        seen is { } found && time.GetElapsedTime(found.Last) <= FreshFor ? (found.Error, time.GetElapsedTime(found.Since)) : null;
}
