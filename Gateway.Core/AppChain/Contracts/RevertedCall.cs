using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.AppChain.Contracts;

/// <summary>Finds the revert data of a mined call: receipts do not contain it, so the call is repeated at its block.</summary>
internal sealed class RevertedCall(ChainAccount account)
{
    internal async ValueTask<ReadOnlyMemory<byte>> DataAsync(
        TransactionRequest call, TransactionReceipt receipt, CancellationToken cancellationToken)
    {
        var again = await account.Rpc.CallAsync(
            new CallRequest(call.To, call.Data) { From = account.Address },
            BlockTag.At(receipt.BlockNumber),
            cancellationToken).ConfigureAwait(false);
        return again.Error?.Data ?? default;
    }
}
