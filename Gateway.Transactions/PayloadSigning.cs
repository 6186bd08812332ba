using System.Diagnostics;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Transactions.Fees;

namespace Xmtp.Gateway.Transactions;

/// <summary>Writes a call as a transaction at the price of now, and signs it.</summary>
internal sealed class PayloadSigning(FeeOracle fees, ChainAccount account)
{
    /// <summary>Signs a call at a nonce. A signer may throw anything.</summary>
    /// <param name="request">The call.</param>
    /// <param name="gasLimit">Its gas limit.</param>
    /// <param name="nonce">Its nonce.</param>
    /// <param name="timeoutToken">Ends the wait, also for a signer that does not look at it.</param>
    internal async Task<SignedTransaction> SignAsync(
        TransactionRequest request, ulong gasLimit, ulong nonce, CancellationToken timeoutToken)
    {
        var quote = await fees.QuoteAsync(refresh: false, timeoutToken).ConfigureAwait(false);
        var unsigned = quote.Write(account.ChainId, nonce, request.To, request.Data, gasLimit) with { Value = request.Value };
        var transaction = Activity.Current;
        using var span = TransactionTracing.Sign();
        var signed = await unsigned.SignAsync(account.Signer, timeoutToken).AsTask().WaitAsync(timeoutToken).ConfigureAwait(false);
        if (span is not null) TransactionTracing.Signed(transaction, signed.Hash);
        return signed;
    }
}
