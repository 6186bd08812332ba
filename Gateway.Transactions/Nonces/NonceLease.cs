using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>
/// A nonce that this process holds: <c>await using</c>. If it is disposed before anything was signed, the nonce is
/// released; once something was signed, it stays held until the chain has used it or every endpoint has refused it.
/// </summary>
/// <remarks>It also keeps what was written to the store, so that it can be written again to an emptied store.</remarks>
internal sealed class NonceLease : IAsyncDisposable
{
    private readonly NonceManager _nonces;
    private readonly Lock _gate = new();
    private NonceEntry _entry;

    internal NonceLease(NonceManager nonces, NonceEntry entry)
    {
        _nonces = nonces;
        _entry = entry;
    }

    public ulong Nonce => _entry.Nonce;

    public string Owner => _entry.Owner;

    /// <summary>
    /// Whether another process has taken over the nonce: this one may still monitor it, but must not sign for it.
    /// </summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether the lease ended; the store may not have been updated yet.</summary>
    internal bool IsOver { get; private set; }

    internal NonceEntry Entry
    {
        get
        {
            lock (_gate) return _entry;
        }
    }

    /// <summary>Stores a signed transaction. It may be sent only when the result is Done.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="kind">Payload or cancellation.</param>
    /// <param name="payloadKey">The key of the payload that the nonce was reserved for; null when it has none.</param>
    /// <param name="timeoutToken">
    /// Ends the retries while the store does not answer: then the transaction must not be sent.
    /// </param>
    /// <returns>
    /// Done, or the reason why not. After NotOwner and Used the store never had the transaction; after Unavailable it
    /// may have it, and a process that takes over the nonce may send it.
    /// </returns>
    internal async ValueTask<NonceStoreStatus> SignAsync(
        SignedTransaction transaction, AttemptKind kind, Bytes32? payloadKey, CancellationToken timeoutToken)
    {
        var offer = Fees.FeeQuote.Of(transaction.Transaction);
        var attempt = new TransactionAttempt(transaction.Hash, kind, offer.MaxFee, offer.Tip) { PayloadKey = payloadKey };
        // Whether the store may have it although it did not say so.
        var isUnanswered = false;
        var status = await _nonces.RetryUntilAnsweredAsync(
            async store =>
            {
                var before = isUnanswered;
                isUnanswered = true;
                var answer = await store.SignAsync(Nonce, Owner, attempt, transaction.Raw, timeoutToken).ConfigureAwait(false);
                isUnanswered = before || answer == NonceStoreStatus.Unavailable;
                return answer;
            },
            timeoutToken,
            isAwaited: true).ConfigureAwait(false);
        // After Done or Unavailable the store has the transaction, or may have it.
        lock (_gate)
        {
            if (status is NonceStoreStatus.Done or NonceStoreStatus.Unavailable && _entry.Attempts.All(known => known.Hash != attempt.Hash))
            {
                var state = _entry.State == NonceState.Broadcast ? NonceState.Broadcast : NonceState.Signed;
                _entry = _entry with { State = state, Attempts = [.. _entry.Attempts, attempt], Raw = transaction.Raw };
            }
        }

        if (status is not (NonceStoreStatus.NotOwner or NonceStoreStatus.Used)) return status;
        IsLost = true;
        return isUnanswered ? NonceStoreStatus.Unavailable : status;
    }

    /// <summary>
    /// Records that an endpoint accepted the transaction, or may have. Does not wait for the store: a crash before the
    /// store is updated does no harm.
    /// </summary>
    internal void MarkBroadcast()
    {
        lock (_gate)
        {
            if (_entry.State == NonceState.Broadcast) return;
            _entry = _entry with { State = NonceState.Broadcast };
        }

        _nonces.UpdateInBackground(store => store.BroadcastAsync(Nonce, Owner, CancellationToken.None));
    }

    /// <summary>
    /// Frees the nonce of a transaction that every endpoint that received it refused, or that was never sent.
    /// </summary>
    /// <returns>
    /// Done when the store has freed it. After any other result another process may have taken over the transaction, or
    /// may do so later, and send it.
    /// </returns>
    internal Task<NonceStoreStatus> RefuseAsync() => EndAsync(async store =>
    {
        var status = await store.RefuseAsync(Nonce, Owner, CancellationToken.None).ConfigureAwait(false);
        // If the signed transaction never reached the store, the store still has the nonce as reserved.
        return status == NonceStoreStatus.NotOwner
            ? await store.ReleaseAsync(Nonce, Owner, CancellationToken.None).ConfigureAwait(false)
            : status;
    });

    /// <summary>Ends the lease because the chain has used the nonce.</summary>
    /// <param name="isKept">Whether the newest transaction is kept, in case a reorganization removes it from the chain.</param>
    internal Task FinishAsync(bool isKept) =>
        _nonces.WaitBrieflyAsync(EndAsync(store => store.FinishAsync(Nonce, Owner, isKept, CancellationToken.None)));

    /// <summary>
    /// Frees this lease's slot for another nonce: the chain has used this one, though the store still has it.
    /// </summary>
    internal void ReleaseSlot() => _nonces.ReleaseSlot(this);

    internal void MarkLost() => IsLost = true;

    /// <summary>Waits for a store update, but only briefly.</summary>
    internal Task WaitBrieflyAsync(Task telling) => _nonces.WaitBrieflyAsync(telling);

    /// <summary>Stops managing the nonce: when the lease ends, another process takes over what was signed.</summary>
    internal Task AbandonAsync()
    {
        IsLost = true;
        return EndAsync(_ => new(NonceStoreStatus.Done));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Entry.State == NonceState.Reserved)
        {
            await _nonces.WaitBrieflyAsync(
                EndAsync(store => store.ReleaseAsync(Nonce, Owner, CancellationToken.None))).ConfigureAwait(false);
        }
    }

    private Task<NonceStoreStatus> EndAsync(Func<INonceStore, ValueTask<NonceStoreStatus>> tell)
    {
        lock (_gate)
        {
            if (IsOver) return Task.FromResult(NonceStoreStatus.Done);
            IsOver = true;
        }

        return _nonces.EndAsync(this, tell);
    }
}
