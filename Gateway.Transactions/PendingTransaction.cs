using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>How a nonce was used up, or given back.</summary>
internal enum NonceOutcome
{
    /// <summary>By the payload.</summary>
    Mined,

    /// <summary>By the payload, which the contract refused.</summary>
    Reverted,

    /// <summary>By something else: the payload can no longer land at this nonce.</summary>
    NotLanded,

    /// <summary>By something that another replica may have sent for us: whether the payload landed is not known here.</summary>
    Unknown,

    /// <summary>Not used: no endpoint took the transaction.</summary>
    Refused,
}

/// <summary>A nonce whose transaction is on its way, and all that was signed for it here.</summary>
/// <remarks>Changed by its monitor alone, but for where it landed; looked at from elsewhere.</remarks>
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
    // Never changed in place: news of the chain is held against it meanwhile.
    private (Bytes32 Hash, AttemptKind Kind)[] _attempts =
        [
            .. (earlier ?? []).Where(attempt => attempt.Hash != first.Hash).Select(attempt => (attempt.Hash, attempt.Kind)),
            (first.Hash, kind),
        ];
    private TransactionReceipt? _landed;
    private bool _receiptCheckRequested;
    private long? _withoutLogsSince;

    internal NonceLease Lease => lease;

    internal ulong Nonce => lease.Nonce;

    internal string PayloadType => payloadType;

    /// <summary>Names the payload that the nonce was taken for, also once it was cancelled; null when nothing is named.</summary>
    internal Bytes32? PayloadKey => payloadKey;

    /// <summary>A timestamp: when it was signed, or taken over.</summary>
    internal long StartedAt { get; } = now;

    /// <summary>The newest attempt.</summary>
    internal SignedTransaction Current { get; private set; } = first;

    internal AttemptKind Kind { get; private set; } = kind;

    /// <summary>What is left of the envelope's attempts.</summary>
    internal SendRetries Retries => retries;

    /// <summary>A timestamp: when the newest attempt was signed.</summary>
    internal long CurrentSince { get; private set; } = now;

    /// <summary>All attempts, the newest first.</summary>
    internal IEnumerable<(Bytes32 Hash, AttemptKind Kind)> Attempts => Volatile.Read(ref _attempts).Reverse();

    /// <summary>What the payload's own event says of it, once the chain told it unasked.</summary>
    internal TransactionReceipt? Landed => Volatile.Read(ref _landed);

    /// <summary>Whether an endpoint took an attempt, or may have.</summary>
    internal bool MayBeBroadcast { get; private set; }

    /// <summary>Whether an endpoint said that it has it.</summary>
    internal bool IsKnown { get; set; }

    /// <summary>Whether a byte of an attempt was handed to a connection: before, it cannot be out.</summary>
    internal bool WasSent { get; private set; }

    /// <summary>Whether someone waits for it to be taken.</summary>
    internal bool IsAwaited { get; private set; }

    /// <summary>Ends when an endpoint first said that it has it, or the chain did.</summary>
    internal TaskCompletionSource Accepted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The chain's last refusal.</summary>
    internal RpcError? LastError { get; set; }

    /// <summary>Ends when what came of it is remembered where a resend looks: a crash before must find it in the store.</summary>
    internal TaskCompletionSource Persisted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal AsyncAutoResetEvent Wake { get; } = new();

    internal TaskCompletionSource<(NonceOutcome End, TransactionReceipt? Receipt)> Ended { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the monitor look for a receipt before the chain's count says that there is one.</summary>
    internal bool RequestReceiptCheck()
    {
        Volatile.Write(ref _receiptCheckRequested, true);
        Wake.Set();
        return true;
    }

    /// <summary>
    /// Whether a receipt of the payload is to be believed that has no logs: endpoints that lag behind show such before
    /// the whole one.
    /// </summary>
    internal bool AcceptsReceiptWithoutLogs(TimeProvider time, TimeSpan timeout) =>
        time.GetElapsedTime(_withoutLogsSince ??= time.GetTimestamp()) > timeout;

    /// <summary>Whether it was told to look; once.</summary>
    internal bool TakeReceiptCheck() => Interlocked.Exchange(ref _receiptCheckRequested, false);

    /// <summary>
    /// An event of a payload was heard of. If it is of an attempt of this pending transaction, the pending transaction
    /// has landed.
    /// </summary>
    internal bool TryLand(LogEntry log)
    {
        if (!Volatile.Read(ref _attempts).Any(version => version.Hash == log.TransactionHash)) return false;
        Volatile.Write(ref _landed, TransactionReceipt.Of(log));
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

    internal void MarkSent() => WasSent = true;

    /// <summary>Someone waits for it.</summary>
    internal PendingTransaction MarkAwaited()
    {
        IsAwaited = true;
        return this;
    }

    /// <summary>Nobody waits for it any more.</summary>
    internal void MarkAbandoned()
    {
        IsAwaited = false;
        Wake.Set();
    }
}
