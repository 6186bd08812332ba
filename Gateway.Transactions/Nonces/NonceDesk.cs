using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>Where this process gets its nonces: waits for room, keeps leases alive, and tells an emptied ledger what is in flight here.</summary>
/// <remarks>
/// The local slots come first and are first come, first served, so a crowd of callers does not become a crowd at the
/// store. Every wait ends with the caller's patience.
/// </remarks>
internal sealed partial class NonceDesk(
    INonceLedger ledger, ChainPositions positions, AppChainTransactionOptions options, AppChainMetrics metrics, TimeProvider time, ILogger<NonceDesk> logger) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan MaxTelling = TimeSpan.FromMinutes(15);

    private readonly SemaphoreSlim slots = new(options.Ledger.MaxInFlight);
    private readonly SemaphoreSlim opening = new(1);
    private readonly CancellationTokenSource closing = new();
    private readonly ConcurrentDictionary<(ulong, string), NonceLease> held = new();
    private readonly ConcurrentDictionary<(ulong, string), byte> withSlot = new();
    private readonly ConcurrentDictionary<Task, byte> later = new();
    private int openings;
    private volatile bool isStoreAway;

    /// <summary>Whether the store did not answer when it was last asked.</summary>
    internal bool IsStoreAway => isStoreAway;

    internal INonceLedger Ledger => ledger;

    /// <summary>Whether the chain tells where it is.</summary>
    internal EndpointState Chain => positions.State;

    /// <summary>The leases of this process.</summary>
    internal ICollection<NonceLease> Held => held.Values;

    /// <summary>Leases up to so many nonces, ascending and above a given one; at least one.</summary>
    /// <returns>The leases; empty when patience ended first, or the store was away for longer than a caller waits.</returns>
    internal async ValueTask<IReadOnlyList<NonceLease>> LeaseAsync(int count, ulong? above, CancellationToken patience)
    {
        var slotsTaken = 0;
        NonceRequest? request = null;
        try
        {
            await slots.WaitAsync(patience).ConfigureAwait(false);
            slotsTaken = 1;
            while (slotsTaken < count && slots.Wait(0, CancellationToken.None)) slotsTaken++;
            request = new NonceRequest(Guid.NewGuid().ToString("N"), slotsTaken, above);
            var grant = await ReserveAsync(request, patience).ConfigureAwait(false);
            if (grant.Count == 0) Later(ledger => GiveBackAsync(ledger, request));
            NonceLease[] leases = [.. grant.Select(nonce => Hold(new NonceEntry(nonce, NonceState.Reserved, request.Owner, default, time.GetUtcNow(), [], default)))];
            slotsTaken -= leases.Length;
            return leases;
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            if (request is not null) Later(ledger => GiveBackAsync(ledger, request));
            return [];
        }
        finally
        {
            if (slotsTaken > 0) slots.Release(slotsTaken);
        }
    }

    /// <summary>Leases the nonces that are missing below others, for filling; past the cap, and without a slot.</summary>
    internal async ValueTask<IReadOnlyList<NonceLease>> LeaseGapsAsync(CancellationToken cancellationToken)
    {
        var request = new NonceRequest(Guid.NewGuid().ToString("N"), options.Ledger.MaxInFlight, GapsOnly: true);
        var grant = await ledger.ReserveAsync(request, cancellationToken).ConfigureAwait(false);
        return [.. grant.Nonces.Select(nonce => Hold(new NonceEntry(nonce, NonceState.Reserved, request.Owner, default, time.GetUtcNow(), [], default), hasSlot: false))];
    }

    /// <summary>Holds a transaction that was taken over.</summary>
    internal NonceLease Adopt(NonceEntry entry) => Hold(entry with { State = NonceState.Broadcast }, hasSlot: false);

    /// <summary>Asks the ledger until it answers; opens it again when it forgot us.</summary>
    /// <param name="ask">Asks.</param>
    /// <param name="patience">Ends the tries.</param>
    /// <param name="isAwaited">Whether a caller waits: a store that is away is not waited for longer than a caller does.</param>
    /// <returns>Unavailable when patience ended first.</returns>
    internal async ValueTask<LedgerVerdict> InsistAsync(Func<INonceLedger, ValueTask<LedgerVerdict>> ask, CancellationToken patience, bool isAwaited = false)
    {
        var away = new StoreAbsence(options.Ledger.StorePatience, time);
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            try
            {
                var seen = openings;
                var verdict = Note(away, await ask(ledger).ConfigureAwait(false));
                if (verdict is not (LedgerVerdict.Unavailable or LedgerVerdict.Forgotten)) return verdict;
                if (isAwaited && away.IsTooLong) return LedgerVerdict.Unavailable;
                if (verdict == LedgerVerdict.Forgotten && await OpenAsync(seen, patience).ConfigureAwait(false) == LedgerVerdict.Done) continue;
                await Task.Delay(pause, time, patience).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (patience.IsCancellationRequested)
            {
                return LedgerVerdict.Unavailable;
            }
        }
    }

    /// <summary>Opens the ledger, and enters what is in flight here.</summary>
    internal ValueTask<LedgerVerdict> OpenAsync(CancellationToken cancellationToken) => OpenAsync(openings, cancellationToken);

    /// <summary>Renews every lease; notices an emptied ledger, and leases that others took.</summary>
    /// <returns>Done when the store renewed all that are still ours.</returns>
    internal async ValueTask<LedgerVerdict> BeatAsync(CancellationToken cancellationToken)
    {
        var (seen, leases) = (openings, held.Values.Where(lease => !lease.IsLost && !lease.IsOver).ToList());
        var answer = await ledger.RenewAsync([.. leases.Select(lease => (lease.Nonce, lease.Owner))], cancellationToken).ConfigureAwait(false);
        Note(null, answer.Verdict);
        if (answer.Verdict == LedgerVerdict.Forgotten) await OpenAsync(seen, cancellationToken).ConfigureAwait(false);
        foreach (var lease in leases.Where(lease => answer.Lost.Contains(lease.Nonce) && !lease.IsOver))
        {
            LogLost(logger, lease.Nonce);
            lease.Lose();
        }

        return answer.Verdict;
    }

    /// <summary>Tells the ledger something that nobody waits for, until it has heard it.</summary>
    internal void Later(Func<INonceLedger, ValueTask<LedgerVerdict>> tell) => Track(TellAsync(tell));

    /// <summary>Waits until the ledger has heard what it was told.</summary>
    internal Task SettledAsync() => Task.WhenAll(later.Keys);

    /// <inheritdoc/>
    public void Dispose()
    {
        closing.Cancel();
        slots.Dispose();
        opening.Dispose();
    }

    /// <summary>Ends a lease: frees its slot, and tells the ledger.</summary>
    /// <returns>What the ledger says; Unavailable when it could not be told for a quarter of an hour.</returns>
    internal Task<LedgerVerdict> EndAsync(NonceLease lease, Func<INonceLedger, ValueTask<LedgerVerdict>> tell)
    {
        // First the ledger, then our memory of it: between the two an emptied ledger would be told of a nonce that is over.
        var telling = EndInOrderAsync(lease, tell);
        Track(telling);
        return telling;
    }

    /// <summary>Waits for the ledger to be told, and no longer than a moment.</summary>
    internal Task BrieflyAsync(Task telling) => Task.WhenAny(telling, Task.Delay(FirstPause, time));

    private async Task<LedgerVerdict> EndInOrderAsync(NonceLease lease, Func<INonceLedger, ValueTask<LedgerVerdict>> tell)
    {
        if (withSlot.TryRemove((lease.Nonce, lease.Owner), out _)) slots.Release();
        var verdict = await TellAsync(tell).ConfigureAwait(false);
        held.TryRemove((lease.Nonce, lease.Owner), out _);
        return verdict;
    }

    // A question that was cut off may have been answered with nonces: asked again it names them.
    private static async ValueTask<LedgerVerdict> GiveBackAsync(INonceLedger ledger, NonceRequest request)
    {
        var grant = await ledger.ReserveAsync(request, CancellationToken.None).ConfigureAwait(false);
        foreach (var nonce in grant.Nonces) await ledger.ReleaseAsync(nonce, request.Owner, CancellationToken.None).ConfigureAwait(false);
        return grant.Verdict;
    }

    private async Task<LedgerVerdict> TellAsync(Func<INonceLedger, ValueTask<LedgerVerdict>> tell)
    {
        // A store that was asked while it hung does it when it is back, with leases that begin then: what was to be undone
        // has to be said again until it is heard. Else whoever comes next waits for those leases.
        using var limit = new CancellationTokenSource(MaxTelling, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, closing.Token);
        return await InsistAsync(tell, patience.Token).ConfigureAwait(false);
    }

    private void Track(Task task)
    {
        later[task] = 0;
        task.ContinueWith(done => later.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private NonceLease Hold(NonceEntry entry, bool hasSlot = true)
    {
        var lease = new NonceLease(this, entry);
        held[(entry.Nonce, entry.Owner)] = lease;
        if (hasSlot) withSlot[(entry.Nonce, entry.Owner)] = 0;
        metrics.Leased(entry.Nonce);
        return lease;
    }

    private async ValueTask<IReadOnlyList<ulong>> ReserveAsync(NonceRequest request, CancellationToken patience)
    {
        var away = new StoreAbsence(options.Ledger.StorePatience, time);
        for (var pause = FirstPause; ; pause = Longer(pause))
        {
            var seen = openings;
            var grant = await ledger.ReserveAsync(request, patience).ConfigureAwait(false);
            if (Note(away, grant.Verdict) == LedgerVerdict.Done) return grant.Nonces;
            if (away.IsTooLong) return [];
            if (grant.Verdict == LedgerVerdict.Forgotten && await OpenAsync(seen, patience).ConfigureAwait(false) == LedgerVerdict.Done) continue;
            await Task.Delay(pause, time, patience).ConfigureAwait(false);
        }
    }

    private async ValueTask<LedgerVerdict> OpenAsync(int seen, CancellationToken cancellationToken)
    {
        await opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (openings != seen) return LedgerVerdict.Done;
            if (await positions.ReadAsync(cancellationToken).ConfigureAwait(false) is not { } position) return LedgerVerdict.Unavailable;
            NonceEntry[] mine = [.. held.Values.Where(lease => !lease.IsLost && !lease.IsOver).Select(lease => lease.Entry)];
            var verdict = await ledger.OpenAsync(position, mine, cancellationToken).ConfigureAwait(false);
            if (verdict != LedgerVerdict.Done) return verdict;
            openings++;
            LogOpened(logger, position.Mined, position.Pending, mine.Length);
            return verdict;
        }
        finally
        {
            opening.Release();
        }
    }

    private LedgerVerdict Note(StoreAbsence? absence, LedgerVerdict verdict)
    {
        isStoreAway = verdict == LedgerVerdict.Unavailable;
        if (isStoreAway) metrics.StoreFailed();
        absence?.Note(isStoreAway);
        return verdict;
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    [LoggerMessage(EventId = EventIds.NonceStoreOpened, Level = LogLevel.Information, Message = "opened the nonce ledger at mined {Mined}, pending {Pending}, with {Mine} in flight here")]
    private static partial void LogOpened(ILogger logger, ulong mined, ulong pending, int mine);

    [LoggerMessage(EventId = EventIds.NonceReservationLost, Level = LogLevel.Warning, Message = "the lease of nonce {Nonce} is gone: this process was away for too long, or the ledger was emptied")]
    private static partial void LogLost(ILogger logger, ulong nonce);
}
