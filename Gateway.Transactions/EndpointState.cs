using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>For how long the chain's endpoint has refused what it is asked for, and in which words. Thread-safe.</summary>
/// <remarks>A limit of rate is no refusal: what is limited is waited for.</remarks>
internal sealed class EndpointState(TimeProvider time)
{
    /// <summary>How often whoever waits for the endpoint looks at its state.</summary>
    internal static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(500);

    // What was refused longer ago says nothing of now.
    private static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private (RpcError Error, long Since, long Last)? _trouble;

    /// <summary>The last refusal, and for how long nothing else has come; null when it serves, or was not asked.</summary>
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

    /// <summary>Whether it has refused everything for so long.</summary>
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
