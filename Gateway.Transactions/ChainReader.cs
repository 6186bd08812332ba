using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Transactions;

/// <summary>A chain, for readers of what is the same for all accounts on it.</summary>
/// <param name="Rpc">The chain's endpoint; every call has a timeout.</param>
/// <param name="ChainId">The chain.</param>
internal record ChainReader(EthereumRpc Rpc, ulong ChainId)
{
    /// <summary>
    /// Makes the judge of one reader of the chain: it is told of each reading, with its error or null, and returns the level at which
    /// that error is logged. By default a warning; a host that reports an endpoint that went away by itself lowers it meanwhile.
    /// </summary>
    internal Func<Func<RpcError?, LogLevel>> NewFaultLevels { get; init; } = () => _ => LogLevel.Warning;
}
