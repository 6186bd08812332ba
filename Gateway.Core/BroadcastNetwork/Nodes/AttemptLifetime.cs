namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// Ends an attempt when its caller leaves while nothing was sent, and lets it continue without the caller once a byte
/// was sent: a node charges for a publish that it staged, even if the caller left.
/// </summary>
/// <remarks>Thread-safe. The attempt disposes it at its end.</remarks>
internal sealed class AttemptLifetime(TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new(Timeout.InfiniteTimeSpan, time);
    private bool _isEnded;
    private bool _isStopped;

    /// <summary>Cancelled when the attempt times out, or when the caller left before anything was sent.</summary>
    internal CancellationToken Token => _end.Token;

    /// <summary>Whether the caller left before anything was sent.</summary>
    internal bool IsStopped
    {
        get
        {
            lock (_gate) return _isStopped;
        }
    }

    /// <summary>The publish that was sent, or whose outcome is unknown; null while there is none.</summary>
    internal NodePublish? Publish { get; private set; }

    /// <summary>Records that a publish is about to be sent.</summary>
    /// <param name="publish">The publish.</param>
    /// <param name="limit">How long its response is read, from now.</param>
    internal void Sends(NodePublish publish, TimeSpan limit)
    {
        lock (_gate)
        {
            if (_isStopped) publish.Withdraw();
            Publish = publish;
        }

        if (!IsStopped) _end.CancelAfter(limit);
    }

    /// <summary>Records that the node accepted nothing: from now on the attempt ends with the caller again.</summary>
    internal void WasNotTaken()
    {
        lock (_gate) Publish = null;
    }

    /// <summary>Handles that the caller left.</summary>
    /// <returns>True when the attempt continues without it; false when the attempt ends now, or has ended.</returns>
    internal bool DetachCaller()
    {
        lock (_gate)
        {
            if (_isEnded) return false;
            if (Publish?.TryDetach() == true) return true;
            _isStopped = true;
        }

        try
        {
            _end.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The attempt has just ended.
        }

        return false;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isEnded = true;
            Publish?.Withdraw();
        }

        _end.Dispose();
    }
}
