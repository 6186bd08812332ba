using Microsoft.Extensions.Logging;
using Xmtp.Gateway.AppChain.Fees;
using Xmtp.Gateway.AppChain.Nonces;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Transactions;

/// <summary>Signs a new version of a flight at the same nonce: the same call for more money, or a fill. Stored before it can be sent.</summary>
internal sealed partial class FlightReplacer(
    FeeOracle fees, ISigner signer, ulong chainId, AppChainTransactionOptions options, AppChainMetrics metrics, TimeProvider time, ILogger<FlightReplacer> logger)
{
    /// <summary>What a plain transfer takes on an Ethereum chain; Arbitrum's share for its parent chain may come on top.</summary>
    private const ulong TransferGas = 200_000;

    /// <summary>Offers at least 12.5% more.</summary>
    /// <returns>Whether there is a new version to send.</returns>
    internal async ValueTask<bool> TryReplaceAsync(Flight flight, VersionKind kind, CancellationToken cancellationToken)
    {
        var quote = await fees.QuoteAsync(refresh: true, cancellationToken).ConfigureAwait(false);
        if (quote.Replacing(FeeQuote.Of(flight.Current.Transaction), options.MaxGasPrice) is not { } more)
        {
            LogCeiling(logger, flight.Nonce);
            return false;
        }

        var old = flight.Current.Transaction;
        var transaction = kind == VersionKind.Fill && flight.Kind != VersionKind.Fill
            ? more.Write(chainId, flight.Nonce, signer.Address, default, TransferGas)
            : more.Write(chainId, flight.Nonce, old.To ?? signer.Address, old.Data, old.GasLimit);
        var signed = await transaction.SignAsync(signer, cancellationToken).ConfigureAwait(false);
        using var patience = new CancellationTokenSource(options.Ledger.StoreTimeout, time);
        if (await flight.Lease.SignAsync(signed, kind, patience.Token).ConfigureAwait(false) != LedgerVerdict.Done) return false;
        flight.Replace(signed, kind, time.GetTimestamp());
        metrics.Replaced();
        LogReplaced(logger, flight.Nonce, more.MaxFee.Amount);
        return true;
    }

    /// <summary>Signs the transaction that uses a missing nonce up.</summary>
    internal async ValueTask<SignedTransaction> SignFillAsync(ulong nonce, CancellationToken cancellationToken)
    {
        var quote = await fees.QuoteAsync(refresh: false, cancellationToken).ConfigureAwait(false);
        return await quote.Write(chainId, nonce, signer.Address, default, TransferGas).SignAsync(signer, cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(EventId = 3301, Level = LogLevel.Warning, Message = "replaced the transaction of nonce {Nonce}, now offering {MaxFee} wei a unit of gas")]
    private static partial void LogReplaced(ILogger logger, ulong nonce, UInt128 maxFee);

    [LoggerMessage(EventId = 3302, Level = LogLevel.Error, Message = "the transaction of nonce {Nonce} is stuck, and more would be above the ceiling of gas prices")]
    private static partial void LogCeiling(ILogger logger, ulong nonce);
}
