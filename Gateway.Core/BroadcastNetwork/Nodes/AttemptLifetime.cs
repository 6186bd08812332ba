namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// Ends an attempt with its caller while nothing was sent, and lets it go on without one once a byte was: a node that
/// staged it charges for it, whoever hung up.
/// </summary>
/// <remarks>Thread-safe. The attempt disposes of it at its end.</remarks>
internal sealed class AttemptLifetime(TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _end = new(Timeout.InfiniteTimeSpan, time);
    private bool _isEnded;
    private bool _isStopped;

    /// <summary>Ends with the attempt's time, and with a caller that went before anything was sent.</summary>
    internal CancellationToken Token => _end.Token;

    /// <summary>Whether the caller went before anything was sent.</summary>
    internal bool IsStopped
    {
        get
        {
            lock (_gate) return _isStopped;
        }
    }

    /// <summary>What is out, or has an end that is not known; null while nothing is.</summary>
    internal NodePublish? Publish { get; private set; }

    /// <summary>A publish is about to be sent.</summary>
    /// <param name="publish">The publish.</param>
    /// <param name="limit">How long its answer is read, from now.</param>
    internal void Sends(NodePublish publish, TimeSpan limit)
    {
        lock (_gate)
        {
            if (_isStopped) publish.Withdraw();
            Publish = publish;
        }

        if (!IsStopped) _end.CancelAfter(limit);
    }

    /// <summary>The node took nothing: what follows ends with the caller again.</summary>
    internal void WasNotTaken()
    {
        lock (_gate) Publish = null;
    }

    /// <summary>The caller has gone.</summary>
    /// <returns>True when the attempt goes on without it; false when it ends now, or has ended.</returns>
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
            // It has just ended.
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
