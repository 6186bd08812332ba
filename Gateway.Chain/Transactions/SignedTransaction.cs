using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>A transaction that can be sent, again and again: the chain takes it once.</summary>
/// <param name="Transaction">What was signed.</param>
/// <param name="Sender">Who signed it.</param>
/// <param name="Raw">The bytes for <see cref="EthereumRpc.SendRawTransactionAsync"/>.</param>
/// <param name="Hash">Its hash: the name under which the chain knows it.</param>
public sealed record SignedTransaction(UnsignedTransaction Transaction, EthereumAddress Sender, ReadOnlyMemory<byte> Raw, Bytes32 Hash);
