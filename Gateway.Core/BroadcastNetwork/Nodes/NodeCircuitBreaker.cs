namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// Keeps requests away from a failing node, and lets one request through at intervals to probe whether it is back.
/// </summary>
/// <remarks>
/// <para>One silence opens it, or three other faults without a response in between. Then the node is not tried for a
/// window: 10 s, or 1 s when it was merely unreachable. After the window exactly one request is the probe. If the probe
/// fails the next window is twice as long, up to 60 s (10 s while unreachable, since detecting that is cheap); any
/// response closes it. An unavailable node thus costs one attempt per window, whatever the load.</para>
/// <para>Only faults that a request cannot provoke count: no error returned by the node, and no timeout that the caller
/// made short. Otherwise a caller could close the network for all others. The end of a connection that had worked does
/// not count either.</para>
/// <para>Thread-safe. While the node is healthy an attempt costs two volatile reads.</para>
/// </remarks>
internal sealed class NodeCircuitBreaker(TimeProvider time, Action<TimeSpan> opened)
{
    private const int FaultsToOpen = 3;
    private static readonly TimeSpan FirstWindow = TimeSpan.FromSeconds(10), MaxWindow = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstUnreachable = TimeSpan.FromSeconds(1), MaxUnreachableWindow = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private volatile bool _sound = true;
    private bool _open;
    private bool _probing;
    private int _faults;
    private long _openedAt;
    private TimeSpan _window;

    /// <summary>Whether requests should go to another node: the window is running, or a probe is in flight.</summary>
    internal bool IsOpen
    {
        get
        {
            if (_sound) return false;
            lock (_gate) return _open && (_probing || Left > TimeSpan.Zero);
        }
    }

    /// <summary>Whether it opened and the node has not answered since, also after the window.</summary>
    internal bool IsFailing
    {
        get
        {
            if (_sound) return false;
            lock (_gate) return _open;
        }
    }

    /// <summary>The time until a probe may be sent; zero when one may be sent now, or none is needed.</summary>
    internal TimeSpan ProbeIn
    {
        get
        {
            if (_sound) return TimeSpan.Zero;
            lock (_gate) return _open && Left > TimeSpan.Zero ? Left : TimeSpan.Zero;
        }
    }

    private TimeSpan Left => _window - time.GetElapsedTime(_openedAt);

    /// <summary>Requests to try the node. After true, the caller must call <see cref="Leave"/>.</summary>
    /// <param name="probe">Whether this attempt is the probe; to be passed to <see cref="Leave"/>.</param>
    internal bool TryEnter(out bool probe)
    {
        probe = false;
        if (_sound) return true;
        lock (_gate)
        {
            if (!_open) return true;
            if (_probing || Left > TimeSpan.Zero) return false;
            return probe = _probing = true;
        }
    }

    /// <summary>Records the outcome of an attempt.</summary>
    internal void Leave(AttemptOutcome outcome, bool probe)
    {
        if (outcome <= AttemptOutcome.Answered && _sound) return;
        var opens = false;
        lock (_gate)
        {
            if (probe) _probing = false;
            if (outcome == AttemptOutcome.Answered)
            {
                _sound = true;
                _open = false;
                _faults = 0;
                _window = TimeSpan.Zero;
            }
            else if (outcome > AttemptOutcome.Answered) opens = Count(outcome, probe);
        }

        if (opens) opened(_window);
    }

    private bool Count(AttemptOutcome outcome, bool probe)
    {
        // Attempts that began before it opened end late and many at once: they add no information.
        if (_open && !probe) return false;
        _sound = false;
        if (!probe && outcome != AttemptOutcome.Silent && ++_faults < FaultsToOpen) return false;

        var (first, longest) = outcome == AttemptOutcome.Unreachable ? (FirstUnreachable, MaxUnreachableWindow) : (FirstWindow, MaxWindow);
        var twice = _window * 2;
        _window = twice < first ? first : twice > longest ? longest : twice;
        _open = true;
        _openedAt = time.GetTimestamp();
        return true;
    }
}
