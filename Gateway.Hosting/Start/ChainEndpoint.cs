using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>A chain as configured, and the names of its settings.</summary>
/// <param name="Name">The display name: <c>App Chain</c> or <c>settlement chain</c>.</param>
/// <param name="FlagPrefix">The prefix of its flags, such as <c>contracts.app-chain.</c>.</param>
/// <param name="Id">The required chain id.</param>
/// <param name="RpcUrl">Its RPC URL; may contain credentials.</param>
/// <param name="WssUrl">Its WebSocket URL, if there is one; may contain credentials.</param>
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
