using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.Transactions;

/// <summary>The account that sends transactions, and its chain.</summary>
/// <param name="Rpc">The chain's endpoint; every call has a timeout.</param>
/// <param name="ChainId">The chain.</param>
/// <param name="Signer">Signs for the account.</param>
internal sealed record ChainAccount(EthereumRpc Rpc, ulong ChainId, ISigner Signer)
{
    /// <summary>
    /// Makes the judge of one reader of the chain: it is told of each reading, with its error or null, and returns the level at which
    /// that error is logged. By default a warning; a host that reports an endpoint that went away by itself lowers it meanwhile.
    /// </summary>
    internal Func<Func<RpcError?, LogLevel>> NewFaultLevels { get; init; } = () => _ => LogLevel.Warning;

    internal EthereumAddress Address => Signer.Address;
}
