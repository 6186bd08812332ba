using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;

namespace Xmtp.Gateway.Transactions;

/// <summary>A transaction that was taken over from a process that is gone.</summary>
/// <param name="Newest">The newest that was signed for the nonce: the payload, or what cancels it.</param>
/// <param name="PayloadKey">
/// Names the payload that the nonce was taken for; null when nothing is named, or a release before this one signed it.
/// </param>
/// <param name="Settles">How it ends.</param>
internal sealed record AdoptedTransaction(UnsignedTransaction Newest, Bytes32? PayloadKey, Task<TransactionOutcome> Settles);
