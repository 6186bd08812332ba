using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Chain.Transactions;

/// <summary>A transaction that can be broadcast any number of times: the chain executes it once.</summary>
/// <param name="Transaction">The transaction that was signed.</param>
/// <param name="Sender">The address that signed it.</param>
/// <param name="Raw">The bytes for <see cref="EthereumRpc.SendRawTransactionAsync"/>.</param>
/// <param name="Hash">Its hash, which identifies it on the chain.</param>
public sealed record SignedTransaction(UnsignedTransaction Transaction, EthereumAddress Sender, ReadOnlyMemory<byte> Raw, Bytes32 Hash);
