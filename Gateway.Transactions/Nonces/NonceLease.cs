using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>
/// A nonce that this process holds: <c>await using</c>. Disposed before anything was signed it goes back to be offered
/// again; once something was signed it stays held until the chain has used it, or every endpoint refused it.
/// </summary>
/// <remarks>It also remembers what the ledger was told, so that an emptied ledger can be told again.</remarks>
internal sealed class NonceLease : IAsyncDisposable
{
    private readonly NonceDesk desk;
    private readonly Lock gate = new();
    private NonceEntry entry;

    internal NonceLease(NonceDesk desk, NonceEntry entry) => (this.desk, this.entry) = (desk, entry);

    public ulong Nonce => entry.Nonce;

    public string Owner => entry.Owner;

    /// <summary>Whether another process has taken the nonce over: we may look on, and sign nothing more.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether it ended; the ledger may not have heard of it yet.</summary>
    internal bool IsOver { get; private set; }

    internal NonceEntry Entry
    {
        get
        {
            lock (gate) return entry;
        }
    }

    /// <summary>Stores a signed transaction. Only when the answer is Done may it be sent.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="kind">What it does with the nonce.</param>
    /// <param name="payloadKey">Names the payload that the nonce was taken for; null when nothing is named.</param>
    /// <param name="patience">Ends the tries when the store does not answer: then it must not be sent.</param>
    /// <returns>
    /// Done, or why not. After NotYours and Used the store never had it; after Unavailable it may have it, and whoever
    /// takes the nonce over may send it.
    /// </returns>
    internal async ValueTask<LedgerVerdict> SignAsync(SignedTransaction transaction, VersionKind kind, Bytes32? payloadKey, CancellationToken patience)
    {
        var offer = Fees.FeeQuote.Of(transaction.Transaction);
        var version = new TransactionVersion(transaction.Hash, kind, offer.MaxFee, offer.Tip) { PayloadKey = payloadKey };
        var asked = 0;
        var verdict = await desk.InsistAsync(
            ledger =>
            {
                asked++;
                return ledger.SignAsync(Nonce, Owner, version, transaction.Raw, patience);
            },
            patience,
            isAwaited: true).ConfigureAwait(false);
        // Whatever the answer: the store may have it from now on.
        lock (gate)
        {
            if (verdict is LedgerVerdict.Done or LedgerVerdict.Unavailable && entry.Versions.All(known => known.Hash != version.Hash))
            {
                var state = entry.State == NonceState.Broadcast ? NonceState.Broadcast : NonceState.Signed;
                entry = entry with { State = state, Versions = [.. entry.Versions, version], Raw = transaction.Raw };
            }
        }

        if (verdict is not (LedgerVerdict.NotYours or LedgerVerdict.Used)) return verdict;
        IsLost = true;
        return asked == 1 ? verdict : LedgerVerdict.Unavailable;
    }

    /// <summary>Notes that an endpoint took the transaction, or may have. Waits for nothing: a crash before it is noted does no harm.</summary>
    internal void MarkBroadcast()
    {
        lock (gate)
        {
            if (entry.State == NonceState.Broadcast) return;
            entry = entry with { State = NonceState.Broadcast };
        }

        desk.Later(ledger => ledger.BroadcastAsync(Nonce, Owner, CancellationToken.None));
    }

    /// <summary>Frees the nonce of a transaction that was refused by every endpoint that saw it, or never sent.</summary>
    /// <returns>Done when the store has freed it. After anything else another process may have taken the transaction over, or will, and send it.</returns>
    internal Task<LedgerVerdict> RefuseAsync() => EndAsync(async ledger =>
    {
        var verdict = await ledger.RefuseAsync(Nonce, Owner, CancellationToken.None).ConfigureAwait(false);
        // Where the store never heard of the signing, it still has the nonce as reserved.
        return verdict == LedgerVerdict.NotYours ? await ledger.ReleaseAsync(Nonce, Owner, CancellationToken.None).ConfigureAwait(false) : verdict;
    });

    /// <summary>Ends with the chain having used the nonce.</summary>
    internal Task FinishAsync() => desk.BrieflyAsync(EndAsync(ledger => ledger.FinishAsync(Nonce, CancellationToken.None)));

    internal void Lose() => IsLost = true;

    /// <summary>Waits for the ledger to be told, and no longer than a moment.</summary>
    internal Task BrieflyAsync(Task telling) => desk.BrieflyAsync(telling);

    /// <summary>Stops looking after it: when the lease ends, someone takes over what was signed.</summary>
    internal Task LeaveAsync()
    {
        IsLost = true;
        return EndAsync(_ => new(LedgerVerdict.Done));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Entry.State == NonceState.Reserved) await desk.BrieflyAsync(EndAsync(ledger => ledger.ReleaseAsync(Nonce, Owner, CancellationToken.None))).ConfigureAwait(false);
    }

    private Task<LedgerVerdict> EndAsync(Func<INonceLedger, ValueTask<LedgerVerdict>> tell)
    {
        lock (gate)
        {
            if (IsOver) return Task.FromResult(LedgerVerdict.Done);
            IsOver = true;
        }

        return desk.EndAsync(this, tell);
    }
}
