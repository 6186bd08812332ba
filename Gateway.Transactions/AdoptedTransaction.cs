using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;

namespace Xmtp.Gateway.Transactions;

/// <summary>A transaction taken over from a lost process.</summary>
/// <param name="Newest">The newest transaction signed for the nonce: the payload or its cancellation.</param>
/// <param name="PayloadKey">
/// The key of the payload that the nonce was reserved for; null when it has none, or when an earlier release signed it.
/// </param>
/// <param name="Settles">Completes with the final outcome.</param>
internal sealed record AdoptedTransaction(UnsignedTransaction Newest, Bytes32? PayloadKey, Task<TransactionOutcome> Settles);
