using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>
/// Reserves this process's nonces: waits for a free slot, renews leases, and enters what is in flight here into an
/// emptied store.
/// </summary>
/// <remarks>
/// Local slots are taken before the store is called, in the order of the callers, so that many waiting callers do not
/// load the store. Every wait ends with the caller's timeout.
/// </remarks>
internal sealed partial class NonceManager(
    INonceStore store,
    ChainPositions positions,
    AppChainTransactionOptions options,
    AppChainMetrics metrics,
    TimeProvider time,
    ILogger<NonceManager> logger) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxUpdateTime = TimeSpan.FromMinutes(15);

    private readonly SemaphoreSlim _slots = new(options.NonceStore.MaxInFlight);
    private readonly SemaphoreSlim _opening = new(1);
    private readonly CancellationTokenSource _closing = new();
    private readonly AsyncAutoResetEvent _leased = new();
    private readonly ConcurrentDictionary<(ulong, string), NonceLease> _held = new();
    private readonly ConcurrentDictionary<(ulong, string), byte> _withSlot = new();
    private int _openings;
    private volatile bool _isStoreUnavailable;

    /// <summary>Whether the store did not answer the last call.</summary>
    internal bool IsStoreUnavailable => _isStoreUnavailable;

    internal INonceStore Store => store;

    /// <summary>Whether the chain reports its position.</summary>
    internal EndpointState Chain => positions.State;

    /// <summary>The leases of this process.</summary>
    internal ICollection<NonceLease> Held => _held.Values;

    /// <summary>Leases between one and <paramref name="count"/> nonces, ascending and above <paramref name="above"/>.</summary>
    /// <returns>
    /// The leases; empty when the timeout ended first, or the store was unavailable for longer than a caller waits.
    /// </returns>
    internal async ValueTask<IReadOnlyList<NonceLease>> LeaseAsync(int count, ulong? above, CancellationToken timeoutToken)
    {
        var slotsTaken = 0;
        NonceRequest? request = null;
        try
        {
            await _slots.WaitAsync(timeoutToken).ConfigureAwait(false);
            slotsTaken = 1;
            while (slotsTaken < count && _slots.Wait(0, CancellationToken.None)) slotsTaken++;
            request = new NonceRequest(Guid.NewGuid().ToString("N"), slotsTaken, above);
            var grant = await ReserveAsync(request, timeoutToken).ConfigureAwait(false);
            if (grant.Count == 0) UpdateInBackground(store => ReleaseUnusedAsync(store, request));
            NonceLease[] leases = [.. grant.Select(
                nonce => AddLease(new NonceEntry(nonce, NonceState.Reserved, request.Owner, default, time.GetUtcNow(), [], default)))];
            slotsTaken -= leases.Length;
            return leases;
        }
        catch (OperationCanceledException) when (timeoutToken.IsCancellationRequested)
        {
            if (request is not null) UpdateInBackground(store => ReleaseUnusedAsync(store, request));
            return [];
        }
        finally
        {
            if (slotsTaken > 0) _slots.Release(slotsTaken);
        }
    }

    /// <summary>
    /// Leases the nonces that are missing below others, in order to cancel them; regardless of the max in flight, and
    /// without a slot.
    /// </summary>
    internal async ValueTask<IReadOnlyList<NonceLease>> LeaseGapsAsync(CancellationToken cancellationToken)
    {
        var request = new NonceRequest(Guid.NewGuid().ToString("N"), options.NonceStore.MaxInFlight, GapsOnly: true);
        var reservation = await store.ReserveAsync(request, cancellationToken).ConfigureAwait(false);
        return [.. reservation.Nonces.Select(
            nonce => AddLease(
                new NonceEntry(nonce, NonceState.Reserved, request.Owner, default, time.GetUtcNow(), [], default), hasSlot: false))];
    }

    /// <summary>
    /// Whether the store has a transaction in doubt at the nonce, which a process sends or takes over; true also while the
    /// store does not answer.
    /// </summary>
    internal async ValueTask<bool> MayBeInDoubtAsync(ulong nonce, CancellationToken cancellationToken)
    {
        var list = await store.ListAsync(cancellationToken).ConfigureAwait(false);
        return list.Status != NonceStoreStatus.Done || list.Entries.Any(entry => entry.Nonce == nonce && entry.IsInDoubt);
    }

    /// <summary>Adds a lease for a transaction that was taken over.</summary>
    internal NonceLease Adopt(NonceEntry entry) => AddLease(entry with { State = NonceState.Broadcast }, hasSlot: false);

    /// <summary>Calls the store until it answers; reopens it when its state was lost.</summary>
    /// <param name="ask">The call.</param>
    /// <param name="timeoutToken">Ends the retries.</param>
    /// <param name="isAwaited">
    /// Whether a caller waits: then an unavailable store is retried no longer than a caller waits.
    /// </param>
    /// <returns>Unavailable when the timeout ended first.</returns>
    internal async ValueTask<NonceStoreStatus> RetryUntilAnsweredAsync(
        Func<INonceStore, ValueTask<NonceStoreStatus>> ask, CancellationToken timeoutToken, bool isAwaited = false)
    {
        var outage = new StoreOutage(options.NonceStore.StoreWaitTimeout, time);
        for (var pause = FirstPause; ; pause = DoublingPause.After(pause, MaxPause))
        {
            try
            {
                var seen = _openings;
                var status = RecordStatus(outage, await ask(store).ConfigureAwait(false));
                if (status is not (NonceStoreStatus.Unavailable or NonceStoreStatus.Forgotten)) return status;
                if (isAwaited && outage.IsTooLong) return NonceStoreStatus.Unavailable;
                if (status == NonceStoreStatus.Forgotten
                    && await OpenAsync(seen, timeoutToken).ConfigureAwait(false) == NonceStoreStatus.Done)
                {
                    continue;
                }
                await Task.Delay(pause, time, timeoutToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (timeoutToken.IsCancellationRequested)
            {
                return NonceStoreStatus.Unavailable;
            }
        }
    }

    /// <summary>Opens the store, and enters what is in flight here.</summary>
    internal ValueTask<NonceStoreStatus> OpenAsync(CancellationToken cancellationToken) => OpenAsync(_openings, cancellationToken);

    /// <summary>Renews every lease; detects an emptied store, and leases that other processes took over.</summary>
    /// <returns>Done when the store has renewed all leases that this process still holds.</returns>
    internal async ValueTask<NonceStoreStatus> RenewLeasesAsync(CancellationToken cancellationToken)
    {
        var (seen, leases) = (_openings, _held.Values.Where(lease => !lease.IsLost && !lease.IsOver).ToList());
        var answer = await store.RenewAsync(
            [.. leases.Select(lease => (lease.Nonce, lease.Owner))], cancellationToken).ConfigureAwait(false);
        RecordStatus(null, answer.Status);
        if (answer.Status == NonceStoreStatus.Forgotten) await OpenAsync(seen, cancellationToken).ConfigureAwait(false);
        foreach (var lease in leases.Where(lease => answer.Lost.Contains(lease.Nonce) && !lease.IsOver))
        {
            LogLost(logger, lease.Nonce);
            lease.MarkLost();
        }

        return answer.Status;
    }

    /// <summary>Renews every lease; while there is none, waits for one instead, which does not need a renewal yet.</summary>
    internal Task RenewHeldAsync(CancellationToken cancellationToken) =>
        _held.IsEmpty ? _leased.WaitAsync(cancellationToken) : RenewLeasesAsync(cancellationToken).AsTask();

    /// <summary>
    /// Takes over transactions whose leases ended, and opens an emptied store. After this process was suspended its own leases may
    /// have ended: it renews them first.
    /// </summary>
    /// <returns>Those that this process has now; their leases are not added yet.</returns>
    internal async ValueTask<NonceEntries> TakeOverAsync(CancellationToken cancellationToken)
    {
        if (!_held.IsEmpty && await RenewLeasesAsync(cancellationToken).ConfigureAwait(false) is var renewed and not NonceStoreStatus.Done)
            return NonceEntries.None(renewed);
        var seen = _openings;
        var taken = await store.AdoptAsync(
            Guid.NewGuid().ToString("N"), options.NonceStore.MaxInFlight, cancellationToken).ConfigureAwait(false);
        RecordStatus(null, taken.Status);
        if (taken.Status == NonceStoreStatus.Forgotten) await OpenAsync(seen, cancellationToken).ConfigureAwait(false);
        return taken;
    }

    /// <summary>Updates the store in the background, retrying until it answers.</summary>
    internal void UpdateInBackground(Func<INonceStore, ValueTask<NonceStoreStatus>> tell) => _ = UpdateAsync(tell);

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
        _slots.Dispose();
        _opening.Dispose();
        _leased.Dispose();
    }

    /// <summary>Ends a lease: frees its slot, and updates the store.</summary>
    /// <returns>The store's result; Unavailable when the store could not be updated within 15 minutes.</returns>
    internal async Task<NonceStoreStatus> EndAsync(NonceLease lease, Func<INonceStore, ValueTask<NonceStoreStatus>> tell)
    {
        // The store first, then _held: a store emptied in between would otherwise be sent a nonce that is over.
        ReleaseSlot(lease);
        var status = await UpdateAsync(tell).ConfigureAwait(false);
        _held.TryRemove((lease.Nonce, lease.Owner), out _);
        return status;
    }

    /// <summary>Waits for a store update, but only briefly.</summary>
    internal Task WaitBrieflyAsync(Task telling) => Task.WhenAny(telling, Task.Delay(FirstPause, time));

    /// <summary>Frees a lease's slot, if it has one.</summary>
    internal void ReleaseSlot(NonceLease lease)
    {
        if (_withSlot.TryRemove((lease.Nonce, lease.Owner), out _)) _slots.Release();
    }

    // A cancelled request may still have reserved nonces: the same request again returns them.
    private static async ValueTask<NonceStoreStatus> ReleaseUnusedAsync(INonceStore store, NonceRequest request)
    {
        var reservation = await store.ReserveAsync(request, CancellationToken.None).ConfigureAwait(false);
        foreach (var nonce in reservation.Nonces)
            await store.ReleaseAsync(nonce, request.Owner, CancellationToken.None).ConfigureAwait(false);
        return reservation.Status;
    }

    private async Task<NonceStoreStatus> UpdateAsync(Func<INonceStore, ValueTask<NonceStoreStatus>> tell)
    {
        // A store that hung may carry out the request when it is back, with leases that begin then. The undo is
        // therefore retried until the store answers; otherwise the next caller would have to wait for those leases to end.
        using var timeout = new CancellationTokenSource(MaxUpdateTime, time);
        using var timeoutSource = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
        return await RetryUntilAnsweredAsync(tell, timeoutSource.Token).ConfigureAwait(false);
    }

    private NonceLease AddLease(NonceEntry entry, bool hasSlot = true)
    {
        var lease = new NonceLease(this, entry);
        _held[(entry.Nonce, entry.Owner)] = lease;
        if (hasSlot) _withSlot[(entry.Nonce, entry.Owner)] = 0;
        _leased.Set();
        metrics.Leased(entry.Nonce);
        return lease;
    }

    private async ValueTask<IReadOnlyList<ulong>> ReserveAsync(NonceRequest request, CancellationToken timeoutToken)
    {
        var outage = new StoreOutage(options.NonceStore.StoreWaitTimeout, time);
        for (var pause = FirstPause; ; pause = DoublingPause.After(pause, MaxPause))
        {
            var seen = _openings;
            var reservation = await store.ReserveAsync(request, timeoutToken).ConfigureAwait(false);
            if (RecordStatus(outage, reservation.Status) == NonceStoreStatus.Done) return reservation.Nonces;
            if (outage.IsTooLong) return [];
            if (reservation.Status == NonceStoreStatus.Forgotten
                && await OpenAsync(seen, timeoutToken).ConfigureAwait(false) == NonceStoreStatus.Done)
            {
                continue;
            }
            await Task.Delay(pause, time, timeoutToken).ConfigureAwait(false);
        }
    }

    private async ValueTask<NonceStoreStatus> OpenAsync(int seen, CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_openings != seen) return NonceStoreStatus.Done;
            if (await positions.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } position) return NonceStoreStatus.Unavailable;
            NonceEntry[] mine = [.. _held.Values.Where(lease => !lease.IsLost && !lease.IsOver).Select(lease => lease.Entry)];
            var status = await store.OpenAsync(position, mine, cancellationToken).ConfigureAwait(false);
            if (status != NonceStoreStatus.Done) return status;
            _openings++;
            LogOpened(logger, position.Mined, position.Pending, mine.Length);
            return status;
        }
        finally
        {
            _opening.Release();
        }
    }

    private NonceStoreStatus RecordStatus(StoreOutage? outage, NonceStoreStatus status)
    {
        _isStoreUnavailable = status == NonceStoreStatus.Unavailable;
        if (_isStoreUnavailable) metrics.StoreFailed();
        outage?.Note(_isStoreUnavailable);
        return status;
    }

    [LoggerMessage(
        EventId = EventIds.NonceStoreOpened,
        Level = LogLevel.Information,
        Message = "opened the nonce store: {Mined} mined, {Pending} pending, {Mine} in flight in this process")]
    private static partial void LogOpened(ILogger logger, ulong mined, ulong pending, int mine);

    [LoggerMessage(
        EventId = EventIds.NonceReservationLost,
        Level = LogLevel.Warning,
        Message = "the lease of nonce {Nonce} was lost: this process did not renew it in time, or the store was emptied")]
    private static partial void LogLost(ILogger logger, ulong nonce);
}
