namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Keeps a failing node out of every request's way, and lets one request through now and then to see whether it is back.</summary>
/// <remarks>
/// <para>One silence opens it, or three other faults without an answer between them. Then nobody tries the node for a
/// window: 10 s, or 1 s when it could merely not be reached. After the window exactly one request is the probe. When
/// that fails the next window is twice as long, up to 60 s (10 s while unreachable: finding out costs nothing then); any
/// answer closes it. A node that is away so costs one try a window, whatever the load.</para>
/// <para>Only what a request cannot provoke counts: no error that the node answers, no timeout that the caller made short.
/// Else a caller could close the network for everyone. Nor does the end of a connection that had worked.</para>
/// <para>Thread-safe. While the node is sound a try costs two volatile reads.</para>
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

    /// <summary>Whether requests should go elsewhere: the window runs, or a probe is out.</summary>
    internal bool IsOpen
    {
        get
        {
            if (_sound) return false;
            lock (_gate) return _open && (_probing || Left > TimeSpan.Zero);
        }
    }

    /// <summary>How long until a probe may go; zero when one may go now, or none is needed.</summary>
    internal TimeSpan ProbeIn
    {
        get
        {
            if (_sound) return TimeSpan.Zero;
            lock (_gate) return _open && Left > TimeSpan.Zero ? Left : TimeSpan.Zero;
        }
    }

    private TimeSpan Left => _window - time.GetElapsedTime(_openedAt);

    /// <summary>Asks to try the node. Who gets a yes owes a <see cref="Leave"/>.</summary>
    /// <param name="probe">Whether this try is the probe; to be given back.</param>
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

    /// <summary>Says what came of a try.</summary>
    internal void Leave(AttemptOutcome verdict, bool probe)
    {
        if (verdict <= AttemptOutcome.Answered && _sound) return;
        var opens = false;
        lock (_gate)
        {
            if (probe) _probing = false;
            if (verdict == AttemptOutcome.Answered)
            {
                _sound = true;
                _open = false;
                _faults = 0;
                _window = TimeSpan.Zero;
            }
            else if (verdict > AttemptOutcome.Answered) opens = Count(verdict, probe);
        }

        if (opens) opened(_window);
    }

    private bool Count(AttemptOutcome verdict, bool probe)
    {
        // Tries that began before it opened come back late and many at once: they say nothing new.
        if (_open && !probe) return false;
        _sound = false;
        if (!probe && verdict != AttemptOutcome.Silent && ++_faults < FaultsToOpen) return false;

        var (first, longest) = verdict == AttemptOutcome.Unreachable ? (FirstUnreachable, MaxUnreachableWindow) : (FirstWindow, MaxWindow);
        var twice = _window * 2;
        _window = twice < first ? first : twice > longest ? longest : twice;
        _open = true;
        _openedAt = time.GetTimestamp();
        return true;
    }
}
