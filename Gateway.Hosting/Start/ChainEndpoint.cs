using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>A chain as configuration describes it, and the names of the settings that do.</summary>
/// <param name="Name">For people: <c>App Chain</c> or <c>settlement chain</c>.</param>
/// <param name="FlagPrefix">The beginning of its flags, such as <c>contracts.app-chain.</c>.</param>
/// <param name="Id">The chain id that it must have.</param>
/// <param name="RpcUrl">Its RPC URL; may hold credentials.</param>
/// <param name="WssUrl">Its WebSocket URL, if there is one; may hold credentials.</param>
/// <param name="Contracts">Its contracts: the rest of the flag, and the address.</param>
internal sealed record ChainEndpoint(
    string Name, string FlagPrefix, ulong Id, Uri? RpcUrl, Uri? WssUrl, IReadOnlyList<(string Flag, EthereumAddress Address)> Contracts)
{
    /// <summary>The App Chain.</summary>
    public static ChainEndpoint App(
        AppChainOptions chain) => new("App Chain", "contracts.app-chain.", chain.ChainId, chain.RpcUrl, chain.WssUrl,
    [
        ("group-message-broadcaster-address", chain.GroupMessageBroadcaster),
        ("identity-update-broadcaster-address", chain.IdentityUpdateBroadcaster),
    ]);

    /// <summary>The settlement chain.</summary>
    public static ChainEndpoint Settlement(
        SettlementChainOptions chain) => new("settlement chain", "contracts.settlement-chain.", chain.ChainId, chain.RpcUrl, chain.WssUrl,
    [
        ("node-registry-address", chain.NodeRegistry),
        ("rate-registry-address", chain.RateRegistry),
        ("payer-registry-address", chain.PayerRegistry),
        ("payer-report-manager-address", chain.PayerReportManager),
    ]);
}
