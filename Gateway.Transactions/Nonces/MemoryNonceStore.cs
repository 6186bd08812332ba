using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>The nonce store of a gateway with one replica; it is lost when the process ends.</summary>
/// <remarks>
/// Thread-safe. Never unavailable and never settling, since no other replica can have anything in flight. After a
/// restart, the pending count keeps new nonces above those that an earlier process left in the mempool.
/// </remarks>
public sealed class MemoryNonceStore(NonceStoreOptions options, TimeProvider time) : INonceStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<ulong, NonceEntry> _entries = [];
    private readonly SortedDictionary<ulong, NonceEntry> _mined = [];
    private ChainPosition? _chain;
    private ulong _floor;
    private ulong _first;
    private DateTimeOffset? _behindSince;

    private DateTimeOffset Now => time.GetUtcNow();

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> OpenAsync(ChainPosition chain, IReadOnlyList<NonceEntry> mine, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_chain is null || _chain.IsElsewhere(chain))
            {
                _entries.Clear();
                _mined.Clear();
                _floor = chain.Mined;
                _first = chain.Pending;
                _behindSince = null;
            }

            _chain = chain;
            foreach (var entry in mine)
            {
                if (entry.Nonce >= _floor && IsFree(entry.Nonce)) _entries[entry.Nonce] = entry with { LeaseUntil = Now + options.Lease };
            }

            return new(NonceStoreStatus.Done);
        }
    }

    /// <inheritdoc/>
    public ValueTask<NonceReservation> ReserveAsync(NonceRequest request, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_chain is null) return new(NonceReservation.None(NonceStoreStatus.Forgotten));
            ulong[] held = [.. _entries.Values.Where(entry => entry.State == NonceState.Reserved && entry.Owner == request.Owner)
                .Select(entry => entry.Nonce)];
            if (held.Length > 0) return new(new NonceReservation(NonceStoreStatus.Done, held));
            var taken = request.GapsOnly ? Gaps(request.Count) : Lowest(request);
            foreach (var nonce in taken) Reserve(nonce, request.Owner);
            return new(taken.Count > 0 ? new NonceReservation(NonceStoreStatus.Done, taken) : NonceReservation.None(NonceStoreStatus.Full));
        }
    }

    /// <inheritdoc/>
    public ValueTask<RenewResult> RenewAsync(IReadOnlyList<(ulong Nonce, string Owner)> leases, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            List<ulong> lost = [];
            foreach (var (nonce, owner) in leases)
            {
                if (Held(nonce, owner) is { } entry) _entries[nonce] = entry with { LeaseUntil = Now + options.Lease };
                else if (nonce >= _floor) lost.Add(nonce);
            }

            return new(new RenewResult(Opened, lost));
        }
    }

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> ReleaseAsync(ulong nonce, string owner, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Held(nonce, owner) is not { State: NonceState.Reserved } entry) return new(NonceStoreStatus.NotOwner);
            Free(entry);
            return new(NonceStoreStatus.Done);
        }
    }

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> SignAsync(
        ulong nonce, string owner, TransactionAttempt attempt, ReadOnlyMemory<byte> raw, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Held(nonce, owner) is not { } entry) return new(nonce < _floor ? NonceStoreStatus.Used : NonceStoreStatus.NotOwner);
            if (nonce < _floor) return new(NonceStoreStatus.Used);
            // Attempts refused earlier at this nonce do not concern its current owner, who may sign the same
            // transaction again.
            IReadOnlyList<TransactionAttempt> mine = entry.State == NonceState.Reserved ? [] : entry.Attempts;
            if (mine.Any(known => known.Hash == attempt.Hash)) return new(NonceStoreStatus.Done);
            if (attempt is { Kind: AttemptKind.Payload, PayloadKey: { } key } && IsElsewhere(nonce, key))
                return new(NonceStoreStatus.PayloadPending);
            _entries[nonce] = entry with
            {
                State = entry.State == NonceState.Broadcast ? NonceState.Broadcast : NonceState.Signed,
                LeaseUntil = Now + options.Lease,
                Attempts = [.. mine, attempt],
                Raw = raw,
            };
            return new(NonceStoreStatus.Done);
        }
    }

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> BroadcastAsync(ulong nonce, string owner, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (Held(nonce, owner) is not { IsInDoubt: true } entry) return new(NonceStoreStatus.NotOwner);
            _entries[nonce] = entry with { State = NonceState.Broadcast };
            return new(NonceStoreStatus.Done);
        }
    }

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> RefuseAsync(ulong nonce, string owner, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_chain is null) return new(NonceStoreStatus.Forgotten);
            if (nonce >= _floor && _entries.GetValueOrDefault(nonce) is null or { State: NonceState.Refused })
                return new(NonceStoreStatus.Done);
            if (Held(nonce, owner) is not { State: NonceState.Signed } entry) return new(NonceStoreStatus.NotOwner);
            Free(entry);
            return new(NonceStoreStatus.Done);
        }
    }

    /// <inheritdoc/>
    public ValueTask<NonceStoreStatus> FinishAsync(ulong nonce, string owner, bool isKept, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _floor = Math.Max(_floor, nonce + 1);
            // A repetition finds no entry, and changes nothing that is kept.
            if (!_entries.TryGetValue(nonce, out var entry)) return new(Opened);
            if (entry.Owner != owner && entry.IsInDoubt) return new(NonceStoreStatus.NotOwner);
            _entries.Remove(nonce);
            if (entry.Owner == owner) Keep(entry, isKept);
            return new(Opened);
        }
    }

    /// <inheritdoc/>
    public ValueTask<ObserveResult> ObserveAsync(ChainPosition chain, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_chain is null) return new(new ObserveResult(NonceStoreStatus.Forgotten, 0, false));
            _chain = chain;
            if (chain.Mined >= _floor) return new(new ObserveResult(NonceStoreStatus.Done, Advance(chain.Mined), false));
            IReadOnlyList<NonceEntry> removed =
                [.. Kept(chain.Mined).Select(entry => entry with { Raw = default })];
            _behindSince ??= Now;
            var goesBack = Now - _behindSince >= options.ReorgTimeout;
            if (goesBack)
            {
                Restore(chain.Mined);
                _floor = chain.Mined;
                _behindSince = null;
            }
            return new(new ObserveResult(NonceStoreStatus.Done, 0, goesBack) { Removed = removed });
        }
    }

    /// <inheritdoc/>
    public ValueTask<RestoreResult> RestoreAsync(ulong from, CancellationToken cancellationToken)
    {
        lock (_gate) return new(new RestoreResult(Opened, Restore(from)));
    }

    /// <inheritdoc/>
    public ValueTask<NonceEntries> AdoptAsync(string owner, int limit, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            NonceEntry[] adopted = [.. _entries.Values
                .Where(entry => entry.IsInDoubt && entry.LeaseUntil <= Now)
                .Take(limit)
                .Select(entry => entry with { Owner = owner, LeaseUntil = Now + options.Lease })];
            foreach (var entry in adopted) _entries[entry.Nonce] = entry;
            return new(new NonceEntries(Opened, adopted, _floor, Now));
        }
    }

    /// <inheritdoc/>
    public ValueTask<NonceEntries> ListAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return new(new NonceEntries(Opened, [.. _entries.Values.Select(entry => entry with { Raw = default })], _floor, Now));
    }

    private bool IsElsewhere(ulong nonce, Bytes32 payload) =>
        _entries.Values.Any(
            entry => entry.IsInDoubt && entry.Nonce != nonce && entry.Attempts.Any(attempt => attempt.PayloadKey == payload));

    private NonceStoreStatus Opened => _chain is null ? NonceStoreStatus.Forgotten : NonceStoreStatus.Done;

    private NonceEntry? Held(ulong nonce, string owner) =>
        _entries.GetValueOrDefault(nonce) is { } entry && entry.Owner == owner ? entry : null;

    private bool IsTaken(NonceEntry entry) => entry.IsInDoubt || (entry.State == NonceState.Reserved && entry.LeaseUntil > Now);

    private bool IsFree(ulong nonce) => !_entries.TryGetValue(nonce, out var entry) || !IsTaken(entry);

    // Nonces between the chain's mined and pending counts that are not ours are in the mempool from another sender.
    private ulong Start => Math.Max(_floor, _chain!.Pending);

    private List<ulong> Lowest(NonceRequest request)
    {
        var room = Math.Min(request.Count, options.MaxInFlight - _entries.Values.Count(entry => entry.Nonce >= _floor && IsTaken(entry)));
        var nonce = Math.Max(Start, request.Above + 1 ?? 0);
        List<ulong> taken = [];
        for (; taken.Count < room; nonce++)
        {
            if (IsFree(nonce)) taken.Add(nonce);
        }

        return taken;
    }

    private List<ulong> Gaps(int count)
    {
        var last = _entries.Values.LastOrDefault(entry => entry.IsInDoubt)?.Nonce ?? 0;
        List<ulong> taken = [];
        for (var nonce = Start; nonce < last && taken.Count < count; nonce++)
        {
            if (IsFree(nonce)) taken.Add(nonce);
        }

        return taken;
    }

    private void Reserve(ulong nonce, string owner) =>
        _entries[nonce] = new(
            nonce, NonceState.Reserved, owner, Now + options.Lease, Now, _entries.GetValueOrDefault(nonce)?.Attempts ?? [], default);

    private void Free(NonceEntry entry)
    {
        if (entry.Attempts.Count == 0) _entries.Remove(entry.Nonce);
        else _entries[entry.Nonce] = entry with { State = NonceState.Refused, Owner = "", Raw = default };
    }

    private void Keep(NonceEntry entry, bool isKept)
    {
        _mined.Remove(entry.Nonce);
        if (isKept) _mined[entry.Nonce] = entry;
        while (_mined.Count > options.MaxMinedKept) _mined.Remove(_mined.Keys.First());
    }

    private IEnumerable<NonceEntry> Kept(ulong from) =>
        _mined.Values.Where(entry => entry.Nonce >= from && entry.Nonce + (ulong)options.MaxMinedKept >= _floor);

    private int Restore(ulong from)
    {
        var restored = 0;
        foreach (var entry in Kept(from).ToList())
        {
            _mined.Remove(entry.Nonce);
            if (_entries.TryAdd(
                entry.Nonce, entry with { State = NonceState.Broadcast, Owner = "", LeaseUntil = Now, Since = Now }))
            {
                restored++;
            }
        }

        return restored;
    }

    private int Advance(ulong mined)
    {
        // Transactions that an earlier process left in the mempool precede this one and do not count as another sender's.
        var from = Math.Max(_floor, _first);
        var known = (ulong)_entries.Values.Count(entry => entry.Nonce < mined && entry.Nonce >= from && entry.Attempts.Count > 0);
        var unaccounted = mined > from ? mined - from - known : 0;
        foreach (var entry in _entries.Values.Where(entry => entry.Nonce < mined && !entry.IsInDoubt).ToList())
            _entries.Remove(entry.Nonce);
        _floor = mined;
        _behindSince = null;
        return (int)Math.Min(unaccounted, int.MaxValue);
    }
}
