using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.BroadcastNetwork.Coalescing;

/// <summary>The callers whose envelopes a node has refused within the last minute. Thread-safe.</summary>
/// <remarks>At most 10,000: while there are more, every caller counts as one of them.</remarks>
internal sealed class RefusedCallers(TimeProvider time)
{
    private const int Max = 10_000;
    private static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<ClientIdentity, long> _refusedAt = [];
    private volatile bool _any;
    private long _fullAt;
    private bool _wasFull;

    /// <summary>Whether a caller is one of them.</summary>
    internal bool Contains(ClientIdentity caller)
    {
        if (!_any) return false;
        lock (_gate)
        {
            if (_wasFull && IsRecent(_fullAt)) return true;
            if (!_refusedAt.TryGetValue(caller, out var at)) return false;
            if (IsRecent(at)) return true;
            _refusedAt.Remove(caller);
            _any = _refusedAt.Count > 0;
            return false;
        }
    }

    /// <summary>Records a refusal.</summary>
    internal void Add(ClientIdentity caller)
    {
        lock (_gate)
        {
            if (_refusedAt.Count >= Max && !_refusedAt.ContainsKey(caller)) Sweep();
            if (_refusedAt.Count < Max || _refusedAt.ContainsKey(caller)) _refusedAt[caller] = time.GetTimestamp();
            _any = true;
        }
    }

    private void Sweep()
    {
        foreach (var (caller, at) in _refusedAt)
            if (!IsRecent(at))
                _refusedAt.Remove(caller);
        if (_refusedAt.Count < Max) return;
        _wasFull = true;
        _fullAt = time.GetTimestamp();
    }

    private bool IsRecent(long at) => time.GetElapsedTime(at) < Period;
}
