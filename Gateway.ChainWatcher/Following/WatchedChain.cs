using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.ChainWatcher.Handlers;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>A chain to follow: where it answers, from which block on, and which events.</summary>
/// <param name="Name"><c>app-chain</c> or <c>settlement-chain</c>.</param>
/// <param name="Id">The chain's id.</param>
/// <param name="RpcUrl">Its JSON-RPC; may hold credentials.</param>
/// <param name="WssUrl">The same over a WebSocket; null to poll. May hold credentials.</param>
/// <param name="FirstBlock">Where the contracts were deployed.</param>
/// <param name="PageSize">How many blocks one query spans at most.</param>
/// <param name="LostAfter">How long it may be silent before it counts as lost.</param>
/// <param name="Contracts">The contracts.</param>
/// <param name="Handlers">The events, by topic.</param>
internal sealed record WatchedChain(
    string Name, ulong Id, Uri RpcUrl, Uri? WssUrl, ulong FirstBlock, int PageSize, TimeSpan LostAfter,
    IReadOnlyList<EthereumAddress> Contracts, IReadOnlyDictionary<Bytes32, ChainEventHandler> Handlers)
{
    /// <summary>The App Chain's broadcasters.</summary>
    public static WatchedChain App(AppChainOptions chain) => new(
        "app-chain",
        chain.ChainId,
        chain.RpcUrl!,
        chain.WssUrl,
        chain.DeploymentBlock,
        chain.BackfillBlockPageSize,
        chain.MaxChainDisconnectTime,
        [chain.GroupMessageBroadcaster, chain.IdentityUpdateBroadcaster], ChainEventHandlers.AppChain);

    /// <summary>The settlement chain's registries and its report manager.</summary>
    public static WatchedChain Settlement(SettlementChainOptions chain) => new(
        "settlement-chain",
        chain.ChainId,
        chain.RpcUrl!,
        chain.WssUrl,
        chain.DeploymentBlock,
        chain.BackfillBlockPageSize,
        chain.MaxChainDisconnectTime,
        [chain.NodeRegistry, chain.RateRegistry, chain.PayerRegistry, chain.PayerReportManager], ChainEventHandlers.SettlementChain);

    /// <summary>Its logs.</summary>
    public LogFilter Filter => new() { Addresses = Contracts, Topics = [[.. Handlers.Keys]] };

    /// <summary>What figures were made of. Figures of anything else are of no use.</summary>
    /// <param name="ownPayer">The payer whose money is followed.</param>
    public string Fingerprint(EthereumAddress? ownPayer) =>
        string.Create(CultureInfo.InvariantCulture, $"1 {Id} {FirstBlock} {string.Join(' ', Contracts)} {ownPayer?.ToString() ?? "-"}");

    /// <summary>The options of its follower.</summary>
    public LogFollowerOptions FollowerOptions => new() { FirstBlock = FirstBlock, PageSize = PageSize };
}
