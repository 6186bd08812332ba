using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;

namespace Xmtp.Gateway.Transactions.Nonces;

/// <summary>
/// A nonce that this process holds: <c>await using</c>. Disposed before anything was signed it goes back to be offered
/// again; once something was signed it stays held until the chain has used it, or every endpoint refused it.
/// </summary>
/// <remarks>It also remembers what the store was told, so that an emptied store can be told again.</remarks>
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

    /// <summary>Whether another process has taken the nonce over: we may look on, and sign nothing more.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether it ended; the store may not have heard of it yet.</summary>
    internal bool IsOver { get; private set; }

    internal NonceEntry Entry
    {
        get
        {
            lock (_gate) return _entry;
        }
    }

    /// <summary>Stores a signed transaction. Only when the answer is Done may it be sent.</summary>
    /// <param name="transaction">The transaction.</param>
    /// <param name="kind">What it does with the nonce.</param>
    /// <param name="payloadKey">Names the payload that the nonce was taken for; null when nothing is named.</param>
    /// <param name="timeoutToken">Ends the tries when the store does not answer: then it must not be sent.</param>
    /// <returns>
    /// Done, or why not. After NotYours and Used the store never had it; after Unavailable it may have it, and whoever
    /// takes the nonce over may send it.
    /// </returns>
    internal async ValueTask<NonceStoreStatus> SignAsync(
        SignedTransaction transaction, AttemptKind kind, Bytes32? payloadKey, CancellationToken timeoutToken)
    {
        var offer = Fees.FeeQuote.Of(transaction.Transaction);
        var attempt = new TransactionAttempt(transaction.Hash, kind, offer.MaxFee, offer.Tip) { PayloadKey = payloadKey };
        var asked = 0;
        var status = await _nonces.RetryUntilAnsweredAsync(
            store =>
            {
                asked++;
                return store.SignAsync(Nonce, Owner, attempt, transaction.Raw, timeoutToken);
            },
            timeoutToken,
            isAwaited: true).ConfigureAwait(false);
        // Whatever the answer: the store may have it from now on.
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
        return asked == 1 ? status : NonceStoreStatus.Unavailable;
    }

    /// <summary>
    /// Notes that an endpoint took the transaction, or may have. Waits for nothing: a crash before it is noted does no
    /// harm.
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

    /// <summary>Frees the nonce of a transaction that was refused by every endpoint that saw it, or never sent.</summary>
    /// <returns>
    /// Done when the store has freed it. After anything else another process may have taken the transaction over, or
    /// will, and send it.
    /// </returns>
    internal Task<NonceStoreStatus> RefuseAsync() => EndAsync(async store =>
    {
        var status = await store.RefuseAsync(Nonce, Owner, CancellationToken.None).ConfigureAwait(false);
        // Where the store never heard of the signing, it still has the nonce as reserved.
        return status == NonceStoreStatus.NotOwner
            ? await store.ReleaseAsync(Nonce, Owner, CancellationToken.None).ConfigureAwait(false)
            : status;
    });

    /// <summary>Ends with the chain having used the nonce.</summary>
    internal Task FinishAsync() => _nonces.WaitBrieflyAsync(EndAsync(store => store.FinishAsync(Nonce, CancellationToken.None)));

    /// <summary>Makes room for another nonce: the chain has used this one, though the store still has it.</summary>
    internal void ReleaseSlot() => _nonces.ReleaseSlot(this);

    internal void MarkLost() => IsLost = true;

    /// <summary>Waits for the store to be told, and no longer than a moment.</summary>
    internal Task WaitBrieflyAsync(Task telling) => _nonces.WaitBrieflyAsync(telling);

    /// <summary>Stops looking after it: when the lease ends, someone takes over what was signed.</summary>
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
