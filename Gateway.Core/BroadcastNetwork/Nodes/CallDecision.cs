namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// Lets one of the publishes that share a call tell the circuit breaker of its failure: a failed call is one fault. Thread-safe.
/// </summary>
internal sealed class CallDecision
{
    private int _isTold;

    /// <summary>Of a publish that waits for its call: whatever ends it then is not the node's fault.</summary>
    internal static CallDecision NotSent { get; } = new() { _isTold = 1 };

    /// <summary>Whether the fault is reported now; false when another publish of the call has reported it.</summary>
    internal bool TryReport() => Interlocked.Exchange(ref _isTold, 1) == 0;
}
