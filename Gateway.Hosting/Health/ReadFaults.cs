using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Hosting.Health;

/// <summary>
/// The level at which one periodic reader of a chain logs a failed reading: an endpoint that went away is one line of
/// <see cref="ChainHealth"/>, not one of each reading.
/// </summary>
/// <param name="away">The endpoints that do not answer; null where nothing checks them.</param>
internal sealed class ReadFaults(AwayEndpoints? away)
{
    private int _inRow;

    /// <summary>Records a reading that worked.</summary>
    public void Worked() => Volatile.Write(ref _inRow, 0);

    /// <summary>
    /// Records a failed reading. Debug while the endpoint is known to be away, and for the first failure without an answer, since
    /// the check may not have found it yet; else a warning.
    /// </summary>
    public LogLevel Failed(IRpcTransport transport, RpcError error)
    {
        var isFirst = Interlocked.Increment(ref _inRow) == 1;
        var isAway = away?.Contains(transport.Endpoint) == true;
        return isAway || (isFirst && error.Kind == RpcErrorKind.Transport) ? LogLevel.Debug : LogLevel.Warning;
    }
}
