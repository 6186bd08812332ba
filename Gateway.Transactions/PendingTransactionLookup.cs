using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Queries the chain for the outcome of a pending transaction: of all attempts signed for its nonce, and of another
/// sender's transaction at that nonce.
/// </summary>
internal sealed class PendingTransactionLookup(
    ChainAccount account,
    Receipts receipts,
    NonceUsers users,
    AppChainTransactionOptions options,
    AppChainMetrics metrics,
    TimeProvider time)
{
    /// <summary>The newest attempt, if the endpoint has it.</summary>
    internal Task<RpcResult<TransactionInfo?>> FindCurrentAsync(PendingTransaction pending, CancellationToken stoppingToken) =>
        account.Rpc.GetTransactionAsync(pending.Current.Hash, stoppingToken);

    /// <summary>
    /// The receipt of the attempt that has one. The lack of a receipt is conclusive only when the query for every
    /// attempt was answered. A receipt that is late may not be served at all: then the logs of the transaction's block have the
    /// result.
    /// </summary>
    internal async ValueTask<((NonceOutcome, TransactionReceipt?)? End, bool IsConclusive)> FindReceiptAsync(
        PendingTransaction pending, CancellationToken stoppingToken, bool isLate = false)
    {
        var (isConclusive, source) = (true, pending.Payload is { } payload ? EventSource.Of(payload) : null);
        var isTransfer = pending.Payload is not null && source is null;
        foreach (var (hash, kind) in pending.Attempts)
        {
            var answer = await receipts.FindAsync(hash, pending.Nonce, source, isLate, stoppingToken).ConfigureAwait(false);
            isConclusive &= answer.Error is null;
            if (answer.Value is not { } receipt) continue;
            if (kind == AttemptKind.Payload
                && !isTransfer
                && receipt.Logs.Count == 0
                && (receipt.Succeeded || !receipt.IsStatusKnown)
                && !pending.AcceptsReceiptWithoutLogs(time, options.ReceiptTimeout))
            {
                isConclusive = false;
                continue;
            }

            if (kind == AttemptKind.Cancellation) metrics.Cancelled();
            return (
                (
                    kind == AttemptKind.Cancellation
                        ? NonceOutcome.NotMined
                        : receipt.Succeeded ? NonceOutcome.Mined : NonceOutcome.Reverted,
                    receipt),
                true);
        }

        return (null, isConclusive);
    }

    /// <summary>The receipt of a transaction; null while it is not mined.</summary>
    internal ValueTask<RpcResult<TransactionReceipt?>> ReceiptAsync(
        Bytes32 hash, ulong nonce, EthereumAddress? contract, CancellationToken stoppingToken) =>
        receipts.FindAsync(hash, nonce, contract, isLate: false, stoppingToken);

    /// <summary>
    /// The hash of another sender's transaction at the nonce; null when none is found, or when the transaction found is
    /// one of the attempts, which is then mined.
    /// </summary>
    internal async ValueTask<Bytes32?> OtherUserAsync(PendingTransaction pending, CancellationToken stoppingToken)
    {
        if (await users.FindAsync(pending.Nonce, stoppingToken).ConfigureAwait(false) is not { } hash) return null;
        if (pending.Attempts.All(version => version.Hash != hash)) return hash;
        pending.MarkBroadcast(isKnown: true);
        return null;
    }

    /// <summary>The hash of the mined transaction of a nonce; null when it is not in the newest blocks.</summary>
    internal ValueTask<Bytes32?> UserAsync(ulong nonce, CancellationToken stoppingToken) => users.FindAsync(nonce, stoppingToken);

    /// <summary>
    /// The outcome of a payload when a transaction that was not signed here used its nonce: a process that took the nonce
    /// over may have signed it for the same payload.
    /// </summary>
    /// <param name="payload">The payload's call.</param>
    /// <param name="nonce">The nonce.</param>
    /// <param name="user">The hash of the transaction that used the nonce.</param>
    /// <param name="stoppingToken">Ends the queries.</param>
    /// <returns>
    /// Unknown when it cannot be determined from the chain; Mined without a receipt when the transaction is the payload's and its
    /// result cannot be read yet.
    /// </returns>
    internal async ValueTask<(NonceOutcome End, TransactionReceipt? Receipt)> FindOutcomeOfUserAsync(
        UnsignedTransaction payload, ulong nonce, Bytes32 user, CancellationToken stoppingToken)
    {
        var answer = await account.Rpc.GetTransactionAsync(user, stoppingToken).ConfigureAwait(false);
        if (answer.Value is not { Input: { } input, BlockNumber: not null } used
            || used.Nonce != nonce
            || used.From != account.Address)
        {
            return (NonceOutcome.Unknown, null);
        }

        if (used.To != payload.To || !input.Span.SequenceEqual(payload.Data.Span)) return (NonceOutcome.NotMined, null);
        var source = EventSource.Of(payload);
        return (await receipts.FindAsync(user, nonce, source, isLate: true, stoppingToken).ConfigureAwait(false)).Value switch
        {
            { Succeeded: false, IsStatusKnown: true } reverted => (NonceOutcome.Reverted, reverted),
            { Logs.Count: > 0 } mined => (NonceOutcome.Mined, mined),
            { Succeeded: true } transferred when source is null => (NonceOutcome.Mined, transferred),
            // It is the payload's, and its receipt is not there yet.
            _ => (NonceOutcome.Mined, null),
        };
    }

    /// <summary>Whether an endpoint has an attempt other than the newest.</summary>
    internal async ValueTask<bool> IsEarlierKnownAsync(PendingTransaction pending, CancellationToken stoppingToken)
    {
        foreach (var (hash, _) in pending.Attempts)
        {
            if (hash != pending.Current.Hash
                && (await account.Rpc.GetTransactionAsync(hash, stoppingToken).ConfigureAwait(false)).Value is not null)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether an endpoint has an attempt as mined but returned no receipt yet, or does not answer.</summary>
    internal async ValueTask<bool> MayStillBeMinedAsync(PendingTransaction pending, CancellationToken stoppingToken)
    {
        foreach (var (hash, _) in pending.Attempts)
        {
            var answer = await account.Rpc.GetTransactionAsync(hash, stoppingToken).ConfigureAwait(false);
            if (answer.Error is { Kind: RpcErrorKind.Transport or RpcErrorKind.RateLimited } || answer.Value is { BlockNumber: not null })
                return true;
        }

        return false;
    }
}
