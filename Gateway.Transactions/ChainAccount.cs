using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions;

/// <summary>The account that sends transactions, and its chain.</summary>
/// <param name="Chain">The chain.</param>
/// <param name="Signer">Signs for the account.</param>
internal sealed record ChainAccount(ChainReader Chain, ISigner Signer) : ChainReader(Chain)
{
    internal EthereumAddress Address => Signer.Address;
}
