using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>How a nonce was used up, or given back.</summary>
internal enum FlightEnd
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
/// <remarks>Changed by its pilot alone, but for where it landed; looked at from elsewhere.</remarks>
internal sealed class Flight(
    NonceLease lease, SignedTransaction first, VersionKind kind, string payloadType, Bytes32? payloadKey, long now, SendAttempts attempts, IReadOnlyList<TransactionVersion>? earlier = null)
{
    // Never changed in place: news of the chain is held against it meanwhile.
    private (Bytes32 Hash, VersionKind Kind)[] versions =
        [.. (earlier ?? []).Where(version => version.Hash != first.Hash).Select(version => (version.Hash, version.Kind)), (first.Hash, kind)];
    private TransactionReceipt? landed;
    private bool looks;
    private long? withoutLogsSince;

    internal NonceLease Lease => lease;

    internal ulong Nonce => lease.Nonce;

    internal string PayloadType => payloadType;

    /// <summary>Names the payload that the nonce was taken for, also once it was cancelled; null when nothing is named.</summary>
    internal Bytes32? PayloadKey => payloadKey;

    /// <summary>A timestamp: when it was signed, or taken over.</summary>
    internal long StartedAt { get; } = now;

    /// <summary>The newest version.</summary>
    internal SignedTransaction Current { get; private set; } = first;

    internal VersionKind Kind { get; private set; } = kind;

    /// <summary>What is left of the envelope's attempts.</summary>
    internal SendAttempts Attempts => attempts;

    /// <summary>A timestamp: when the newest version was signed.</summary>
    internal long CurrentSince { get; private set; } = now;

    /// <summary>All versions, the newest first.</summary>
    internal IEnumerable<(Bytes32 Hash, VersionKind Kind)> Versions => Volatile.Read(ref versions).Reverse();

    /// <summary>What the payload's own event says of it, once the chain told it unasked.</summary>
    internal TransactionReceipt? Landed => Volatile.Read(ref landed);

    /// <summary>Whether an endpoint took a version, or may have.</summary>
    internal bool MayBeOut { get; private set; }

    /// <summary>Whether an endpoint said that it has it.</summary>
    internal bool IsKnown { get; set; }

    /// <summary>Whether a byte of a version was handed to a connection: before, it cannot be out.</summary>
    internal bool HasLeft { get; private set; }

    /// <summary>Whether someone waits for it to be taken.</summary>
    internal bool IsAwaited { get; private set; }

    /// <summary>Ends when an endpoint first said that it has it, or the chain did.</summary>
    internal TaskCompletionSource Accepted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The chain's last refusal.</summary>
    internal RpcError? LastError { get; set; }

    /// <summary>Ends when what came of it is remembered where a resend looks: a crash before must find it in the ledger.</summary>
    internal TaskCompletionSource Persisted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal WakeSignal Wake { get; } = new();

    internal TaskCompletionSource<(FlightEnd End, TransactionReceipt? Receipt)> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the pilot look for a receipt before the chain's count says that there is one.</summary>
    internal bool Look()
    {
        Volatile.Write(ref looks, true);
        Wake.Set();
        return true;
    }

    /// <summary>Whether a receipt of the payload is to be believed that has no logs: endpoints that lag behind show such before the whole one.</summary>
    internal bool TakesWithoutLogs(TimeProvider time, TimeSpan patience) =>
        time.GetElapsedTime(withoutLogsSince ??= time.GetTimestamp()) > patience;

    /// <summary>Whether it was told to look; once.</summary>
    internal bool TakesLook() => Interlocked.Exchange(ref looks, false);

    /// <summary>An event of a payload was heard of. If it is of a version of this flight, the flight has landed.</summary>
    internal bool TryLand(LogEntry log)
    {
        if (!Volatile.Read(ref versions).Any(version => version.Hash == log.TransactionHash)) return false;
        Volatile.Write(ref landed, TransactionReceipt.Of(log));
        Accepted.TrySetResult();
        Wake.Set();
        return true;
    }

    internal void Replace(SignedTransaction transaction, VersionKind kind, long now)
    {
        Volatile.Write(ref versions, [.. versions, (transaction.Hash, kind)]);
        (Current, Kind, CurrentSince, IsKnown) = (transaction, kind, now, false);
    }

    internal void Out(bool isKnown)
    {
        (MayBeOut, IsKnown) = (true, isKnown);
        if (isKnown) Accepted.TrySetResult();
        lease.MarkBroadcast();
    }

    internal void MarkLeft() => HasLeft = true;

    /// <summary>Someone waits for it.</summary>
    internal Flight Await()
    {
        IsAwaited = true;
        return this;
    }

    /// <summary>Nobody waits for it any more.</summary>
    internal void Leave()
    {
        IsAwaited = false;
        Wake.Set();
    }
}
