using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions;

/// <summary>The account that sends transactions, and its chain.</summary>
/// <param name="Rpc">The chain's endpoint; every call has a timeout.</param>
/// <param name="ChainId">The chain.</param>
/// <param name="Signer">Signs for the account.</param>
internal sealed record ChainAccount(EthereumRpc Rpc, ulong ChainId, ISigner Signer)
{
    internal EthereumAddress Address => Signer.Address;
}
