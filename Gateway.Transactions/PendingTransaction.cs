using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>How a nonce was used or released.</summary>
internal enum NonceOutcome
{
    /// <summary>Used by the payload.</summary>
    Mined,

    /// <summary>Used by the payload, which the contract refused.</summary>
    Reverted,

    /// <summary>Used by another transaction: the payload can no longer be mined at this nonce.</summary>
    NotMined,

    /// <summary>Not known here: another replica may have sent a transaction for the nonce, or may still send one.</summary>
    Unknown,

    /// <summary>Not used: no endpoint accepted the transaction.</summary>
    Refused,
}

/// <summary>A nonce whose transaction is pending, and all attempts signed for it here.</summary>
/// <remarks>
/// Only its monitor changes its attempts. Other threads read them, set <see cref="MinedReceipt"/>, request receipt checks, and
/// mark whether it is awaited.
/// </remarks>
internal sealed class PendingTransaction(
    NonceLease lease,
    SignedTransaction first,
    AttemptKind kind,
    string payloadType,
    Bytes32? payloadKey,
    long now,
    SendRetries retries,
    IReadOnlyList<TransactionAttempt>? earlier = null)
{
    // Replaced, never changed in place: chain events are compared with it on other threads.
    private (Bytes32 Hash, AttemptKind Kind)[] _attempts =
        [
            .. (earlier ?? []).Where(attempt => attempt.Hash != first.Hash).Select(attempt => (attempt.Hash, attempt.Kind)),
            (first.Hash, kind),
        ];
    private TransactionReceipt? _minedReceipt;
    private bool _receiptCheckRequested;
    private long _sendingSince;
    private long? _withoutLogsSince;

    internal NonceLease Lease => lease;

    internal ulong Nonce => lease.Nonce;

    internal string PayloadType => payloadType;

    /// <summary>
    /// The key of the payload that the nonce was reserved for, also after a cancellation; null when it has none.
    /// </summary>
    internal Bytes32? PayloadKey => payloadKey;

    /// <summary>The payload's call; null when only its cancellation is known here.</summary>
    internal UnsignedTransaction? Payload { get; } = kind == AttemptKind.Payload ? first.Transaction : null;

    /// <summary>The timestamp at which it was signed or taken over.</summary>
    internal long StartedAt { get; } = now;

    /// <summary>The newest attempt.</summary>
    internal SignedTransaction Current { get; private set; } = first;

    internal AttemptKind Kind { get; private set; } = kind;

    /// <summary>The remaining send attempts of the envelope.</summary>
    internal SendRetries Retries => retries;

    /// <summary>The remaining sends of replacements; null until the first one.</summary>
    internal ReplacementRetries? Replacements { get; set; }

    /// <summary>The timestamp at which the newest attempt was signed.</summary>
    internal long CurrentSince { get; private set; } = now;

    /// <summary>All attempts, the newest first.</summary>
    internal IEnumerable<(Bytes32 Hash, AttemptKind Kind)> Attempts => Volatile.Read(ref _attempts).Reverse();

    /// <summary>The receipt made from the payload's event, once the subscription has delivered it.</summary>
    internal TransactionReceipt? MinedReceipt => Volatile.Read(ref _minedReceipt);

    /// <summary>Whether an endpoint accepted an attempt, or may have.</summary>
    internal bool MayBeBroadcast { get; private set; }

    /// <summary>Whether an endpoint confirmed that it has the newest attempt.</summary>
    internal bool IsKnown { get; set; }

    /// <summary>The timestamp since which an attempt is being sent without an answer; null while none is.</summary>
    internal long? SendingSince
    {
        get => Volatile.Read(ref _sendingSince) is var since && since != 0 ? since : null;
        set => Volatile.Write(ref _sendingSince, value ?? 0);
    }

    /// <summary>Whether it was taken over from another process.</summary>
    internal bool IsAdopted { get; private set; }

    /// <summary>
    /// Whether a transaction that was not signed here has used the nonce for the same payload: the payload must not be sent again.
    /// </summary>
    internal bool IsMinedElsewhere { get; private set; }

    /// <summary>Whether any byte of an attempt was written to a connection: until then no endpoint can have it.</summary>
    internal bool WasSent { get; private set; }

    /// <summary>
    /// The timestamp at which no endpoint accepted it while another process held the nonce; null while that is not so.
    /// </summary>
    internal long? RefusedSince { get; private set; }

    /// <summary>Whether another sender's transaction was found at the nonce when an endpoint refused it.</summary>
    internal bool IsNonceTaken { get; private set; }

    /// <summary>Whether a caller waits for its result.</summary>
    internal bool IsAwaited { get; private set; }

    /// <summary>Completes when an endpoint first confirmed that it has it, or it was found on the chain.</summary>
    internal TaskCompletionSource Accepted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The chain's last error.</summary>
    internal RpcError? LastError { get; set; }

    /// <summary>
    /// Completes when the result is stored where a resend looks it up: after a crash before that, recovery must find
    /// the transaction in the nonce store.
    /// </summary>
    internal TaskCompletionSource Persisted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal AsyncAutoResetEvent Wake { get; } = new();

    internal TaskCompletionSource<(NonceOutcome End, TransactionReceipt? Receipt)> Ended { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the monitor check for a receipt before the chain's count shows that there is one.</summary>
    internal bool RequestReceiptCheck()
    {
        Volatile.Write(ref _receiptCheckRequested, true);
        Wake.Set();
        return true;
    }

    /// <summary>
    /// Whether to accept a payload's receipt that has no logs: lagging endpoints return such receipts before the
    /// complete one.
    /// </summary>
    internal bool AcceptsReceiptWithoutLogs(TimeProvider time, TimeSpan timeout) =>
        time.GetElapsedTime(_withoutLogsSince ??= time.GetTimestamp()) > timeout;

    /// <summary>Whether a receipt check was requested; resets the request.</summary>
    internal bool TakeReceiptCheck() => Interlocked.Exchange(ref _receiptCheckRequested, false);

    /// <summary>
    /// Handles the event of a payload: if it is of an attempt of this pending transaction, that attempt is mined.
    /// </summary>
    internal bool TryMarkMined(LogEntry log)
    {
        if (!Volatile.Read(ref _attempts).Any(version => version.Hash == log.TransactionHash)) return false;
        Volatile.Write(ref _minedReceipt, TransactionReceipt.Of(log));
        Accepted.TrySetResult();
        Wake.Set();
        return true;
    }

    internal void Replace(SignedTransaction transaction, AttemptKind kind, long now)
    {
        Volatile.Write(ref _attempts, [.. _attempts, (transaction.Hash, kind)]);
        Current = transaction;
        Kind = kind;
        CurrentSince = now;
        IsKnown = false;
    }

    internal void MarkBroadcast(bool isKnown)
    {
        MayBeBroadcast = true;
        IsKnown = isKnown;
        if (isKnown) Accepted.TrySetResult();
        lease.MarkBroadcast();
    }

    /// <summary>Marks it as taken over: it may have been broadcast.</summary>
    internal void MarkAdopted()
    {
        IsAdopted = true;
        MarkBroadcast(isKnown: false);
    }

    internal void MarkSent() => WasSent = true;

    /// <summary>Marks it as mined by a transaction of another process.</summary>
    internal void MarkMinedElsewhere() => IsMinedElsewhere = true;

    internal void MarkNonceTaken() => IsNonceTaken = true;

    internal void MarkRefused(long now) => RefusedSince = now;

    /// <summary>Marks it as awaited by a caller.</summary>
    internal PendingTransaction MarkAwaited()
    {
        IsAwaited = true;
        return this;
    }

    /// <summary>Marks it as no longer awaited.</summary>
    internal void MarkAbandoned()
    {
        IsAwaited = false;
        Wake.Set();
    }
}
