using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Fees;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Transactions;

/// <summary>
/// Signs a new attempt of a pending transaction at the same nonce: the same call at a higher fee, or a cancellation.
/// Stores it before it can be sent.
/// </summary>
internal sealed partial class TransactionReplacer(
    FeeOracle fees,
    ChainAccount account,
    AppChainTransactionOptions options,
    AppChainMetrics metrics,
    TimeProvider time,
    ILogger<TransactionReplacer> logger)
{
    /// <summary>Enough for a plain transfer, also on Arbitrum, where the share for its parent chain comes on top.</summary>
    private const ulong TransferGas = 200_000;

    /// <summary>Replaces the newest attempt at a fee that is at least 12.5% higher.</summary>
    /// <returns>
    /// Whether there is a new attempt to send. There is none when the signer fails, or takes longer than the RPC timeout.
    /// </returns>
    internal async ValueTask<bool> TryReplaceAsync(PendingTransaction pending, AttemptKind kind, CancellationToken cancellationToken)
    {
        try
        {
            return await ReplaceAsync(pending, kind, cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // An external signer may throw anything; attempts already broadcast stay monitored.
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
#pragma warning restore CA1031
        {
            LogNotSigned(logger, pending.Nonce, exception);
            return false;
        }
    }

    private async ValueTask<bool> ReplaceAsync(PendingTransaction pending, AttemptKind kind, CancellationToken cancellationToken)
    {
        var quote = await fees.QuoteAsync(refresh: true, cancellationToken).ConfigureAwait(false);
        if (quote.Replacing(FeeQuote.Of(pending.Current.Transaction), options.MaxGasPrice) is not { } more)
        {
            LogCeiling(logger, pending.Nonce);
            return false;
        }

        var old = pending.Current.Transaction;
        var transaction = kind == AttemptKind.Cancellation && pending.Kind != AttemptKind.Cancellation
            ? more.Write(account.ChainId, pending.Nonce, account.Address, default, TransferGas)
            : more.Write(account.ChainId, pending.Nonce, old.To ?? account.Address, old.Data, old.GasLimit) with
            {
                Value = old.Value,
            };
        var signed = await SignAsync(transaction, cancellationToken).ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(options.NonceStore.StoreTimeout, time);
        if (await pending.Lease.SignAsync(signed, kind, pending.PayloadKey, timeout.Token).ConfigureAwait(false) != NonceStoreStatus.Done)
            return false;
        pending.Replace(signed, kind, time.GetTimestamp());
        metrics.Replaced();
        LogReplaced(logger, pending.Nonce, more.MaxFee.Amount);
        return true;
    }

    /// <summary>Signs the cancellation of a nonce.</summary>
    /// <param name="nonce">A nonce that is missing below others, or whose transaction is unreadable.</param>
    /// <param name="earlier">The attempt signed for it before: this one offers more, up to the max price.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    internal async ValueTask<SignedTransaction> SignCancellationAsync(
        ulong nonce, TransactionAttempt? earlier, CancellationToken cancellationToken)
    {
        var quote = await fees.QuoteAsync(refresh: false, cancellationToken).ConfigureAwait(false);
        if (earlier is not null)
            quote = quote.Replacing(new FeeQuote(earlier.MaxFee, earlier.MaxPriorityFee, quote.IsFeeMarket), options.MaxGasPrice) ?? quote;
        return await SignAsync(
            quote.Write(account.ChainId, nonce, account.Address, default, TransferGas), cancellationToken).ConfigureAwait(false);
    }

    // A signer that never answers must not stop the monitoring of attempts already broadcast.
    private Task<SignedTransaction> SignAsync(UnsignedTransaction transaction, CancellationToken cancellationToken) =>
        transaction.SignAsync(account.Signer, cancellationToken).AsTask().WaitAsync(options.RpcTimeout, time, cancellationToken);

    [LoggerMessage(
        EventId = EventIds.TransactionReplaced,
        Level = LogLevel.Warning,
        Message = "replaced the transaction of nonce {Nonce}, now offering {MaxFee} wei a unit of gas")]
    private static partial void LogReplaced(ILogger logger, ulong nonce, UInt128 maxFee);

    [LoggerMessage(
        EventId = EventIds.ReplacementAboveCeiling,
        Level = LogLevel.Error,
        Message = "the transaction of nonce {Nonce} is stuck, and a higher price would exceed the max gas price")]
    private static partial void LogCeiling(ILogger logger, ulong nonce);

    [LoggerMessage(
        EventId = EventIds.ReplacementNotSigned,
        Level = LogLevel.Error,
        Message = "the transaction of nonce {Nonce} could not be replaced; monitoring continues, and the replacement will be retried")]
    private static partial void LogNotSigned(ILogger logger, ulong nonce, Exception exception);
}
