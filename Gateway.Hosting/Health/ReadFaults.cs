using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>
/// The level at which one reader of a chain logs a failed reading: an endpoint that went away is one line of
/// <see cref="ChainHealth"/>, not one of each reading. Thread-safe.
/// </summary>
/// <param name="unreachable">The endpoints that do not answer; null where nothing checks them.</param>
/// <param name="time">The clock; null for the system's.</param>
internal sealed class ReadFaults(UnreachableEndpoints? unreachable, TimeProvider? time = null)
{
    // By then the check has found an endpoint that went away: it asks every 10 s, and waits 5 s.
    private static readonly TimeSpan FoundWithin = TimeSpan.FromSeconds(20);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private readonly Lock _gate = new();
    private long? _failsSince;

    /// <summary>Records a reading that worked.</summary>
    public void Worked()
    {
        lock (_gate) _failsSince = null;
    }

    /// <summary>Records a reading with its error, or null for one that worked.</summary>
    /// <returns>The level of the error.</returns>
    public LogLevel Read(string endpoint, RpcError? error)
    {
        if (error is not null) return Failed(endpoint, error);
        Worked();
        return LogLevel.Debug;
    }

    /// <summary>
    /// Records a failed reading. Debug while the endpoint is known to be unreachable, and without an answer, or with a rate limit, for so
    /// long as the check may not have found it yet; else a warning.
    /// </summary>
    public LogLevel Failed(IRpcTransport transport, RpcError error) => Failed(transport.Endpoint, error);

    /// <summary>As <see cref="Failed(IRpcTransport, RpcError)"/>, for the reading of another connection to the same provider.</summary>
    /// <param name="endpoint">Scheme, host and port of the URL that is checked.</param>
    /// <param name="error">Why the reading failed.</param>
    public LogLevel Failed(string endpoint, RpcError error)
    {
        if (unreachable is null) return LogLevel.Warning;
        if (unreachable.Contains(endpoint)) return LogLevel.Debug;
        var mayBeUnavailable = error.Kind is RpcErrorKind.Transport or RpcErrorKind.RateLimited;
        lock (_gate)
        {
            var since = _failsSince ??= _time.GetTimestamp();
            return mayBeUnavailable && _time.GetElapsedTime(since) < FoundWithin ? LogLevel.Debug : LogLevel.Warning;
        }
    }
}
