using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Transactions;

/// <summary>A call that is to become a mined transaction.</summary>
/// <param name="To">The contract.</param>
/// <param name="Data">The selector and its arguments.</param>
/// <param name="PayloadType">What metrics call it, such as <c>group_message</c>.</param>
public sealed record TransactionRequest(EthereumAddress To, ReadOnlyMemory<byte> Data, string PayloadType);
