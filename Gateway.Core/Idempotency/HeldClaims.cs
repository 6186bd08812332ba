namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// The claims that this process holds in the shared store, and until when each certainly belongs to it. Thread-safe.
/// </summary>
/// <remarks>
/// A claim is certain for a lease from the call by which the store confirmed it. The store counts the lease from when it receives the
/// call, which is later than when the call was sent.
/// </remarks>
internal sealed class HeldClaims
{
    private readonly Lock _gate = new();
    private readonly HashSet<(EnvelopeKey Key, ulong Owner)> _held = [];
    private readonly Dictionary<EnvelopeKey, long> _sureUntil = [];
    private readonly TimeProvider _time;
    private readonly long _lease;
    private long _allSureUntil;
    private long _leastConfirmed = long.MaxValue;

    /// <summary>Creates it without claims.</summary>
    /// <param name="lease">How long the store keeps a claim. More than zero.</param>
    /// <param name="time">Measures it; never compared with the store's clock.</param>
    internal HeldClaims(TimeSpan lease, TimeProvider time)
    {
        _time = time;
        _lease = (long)(lease.TotalSeconds * time.TimestampFrequency);
        _allSureUntil = time.GetTimestamp() + _lease;
    }

    /// <summary>Whether all of them are certain. True without any.</summary>
    internal bool AreSure => _time.GetTimestamp() < Volatile.Read(ref _allSureUntil);

    /// <summary>All of them, at this moment.</summary>
    internal (EnvelopeKey Key, ulong Owner)[] All
    {
        get
        {
            lock (_gate) return [.. _held];
        }
    }

    /// <summary>Whether the claim of an envelope is certain, or there is none.</summary>
    internal bool IsSure(EnvelopeKey key)
    {
        lock (_gate) return !_sureUntil.TryGetValue(key, out var until) || _time.GetTimestamp() < until;
    }

    /// <summary>Adds a claim that the store may have made.</summary>
    internal void Add(EnvelopeKey key, ulong owner)
    {
        lock (_gate) _held.Add((key, owner));
    }

    /// <summary>Adds claims that the store has made.</summary>
    /// <param name="keys">The envelopes.</param>
    /// <param name="from">The index of the first one.</param>
    /// <param name="count">How many.</param>
    /// <param name="owner">Their owner.</param>
    /// <param name="asked">The timestamp before the store was asked.</param>
    internal void Add(IReadOnlyList<EnvelopeKey> keys, int from, int count, ulong owner, long asked)
    {
        lock (_gate)
        {
            for (var i = from; i < from + count; i++)
            {
                _held.Add((keys[i], owner));
                Confirm(keys[i], asked);
            }
        }
    }

    /// <summary>Adds a claim that the store has made.</summary>
    internal void Add(EnvelopeKey key, ulong owner, long asked)
    {
        lock (_gate)
        {
            _held.Add((key, owner));
            Confirm(key, asked);
        }
    }

    /// <summary>Removes a claim, if it is there.</summary>
    internal void Remove(EnvelopeKey key, ulong owner)
    {
        lock (_gate)
        {
            if (_held.Remove((key, owner))) _sureUntil.Remove(key);
        }
    }

    /// <summary>A renewal of all of them begins. One at a time.</summary>
    /// <returns>The timestamp until which those that it renews are certain at least.</returns>
    internal long BeginRenewal()
    {
        lock (_gate) _leastConfirmed = long.MaxValue;
        return _time.GetTimestamp() + _lease;
    }

    /// <summary>The store has renewed a claim, or has not, since it belongs to another owner. Nothing for one that was removed.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="asked">The timestamp before the store was asked.</param>
    /// <param name="isOurs">Whether it was renewed.</param>
    /// <returns>False when it is held and belongs to another owner.</returns>
    internal bool Renewed((EnvelopeKey Key, ulong Owner) claim, long asked, bool isOurs)
    {
        lock (_gate)
        {
            if (!_held.Contains(claim)) return true;
            if (isOurs) Confirm(claim.Key, asked);
            else _sureUntil[claim.Key] = asked;
            return isOurs;
        }
    }

    /// <summary>The renewal has reached all of them.</summary>
    /// <param name="sureUntil">The result of <see cref="BeginRenewal"/>.</param>
    /// <param name="areAllOurs">Whether all of them were renewed.</param>
    internal void EndRenewal(long sureUntil, bool areAllOurs)
    {
        lock (_gate) Volatile.Write(ref _allSureUntil, areAllOurs ? Math.Min(sureUntil, _leastConfirmed) : long.MinValue);
    }

    // A process that did not run may read the answer after the lease, and a renewal under way does not have the claim.
    private void Confirm(EnvelopeKey key, long asked)
    {
        var until = asked + _lease;
        _sureUntil[key] = until;
        _leastConfirmed = Math.Min(_leastConfirmed, until);
        if (until < _allSureUntil) Volatile.Write(ref _allSureUntil, until);
    }
}
