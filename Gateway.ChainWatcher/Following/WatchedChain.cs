using System.Globalization;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.ChainWatcher.Handlers;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>A chain to follow: its endpoints, its first block, and its events.</summary>
/// <param name="Name"><c>app-chain</c> or <c>settlement-chain</c>.</param>
/// <param name="Id">The chain's id; 0 when it is not configured.</param>
/// <param name="RpcUrl">Its JSON-RPC endpoint; may contain credentials.</param>
/// <param name="WssUrl">Its WebSocket endpoint; null to poll. May contain credentials.</param>
/// <param name="FirstBlock">The block at which the contracts were deployed.</param>
/// <param name="PageSize">The max number of blocks per query.</param>
/// <param name="LostAfter">How long it may not respond before it counts as lost.</param>
/// <param name="Contracts">The contracts.</param>
/// <param name="Handlers">The events, by topic.</param>
/// <param name="Layout">
/// The version of its figures. It is raised when figures of an earlier release lack something: the chain is then read anew.
/// </param>
internal sealed record WatchedChain(
    string Name, ulong Id, Uri RpcUrl, Uri? WssUrl, ulong FirstBlock, int PageSize, TimeSpan LostAfter,
    IReadOnlyList<EthereumAddress> Contracts, IReadOnlyDictionary<Bytes32, ChainEventHandler> Handlers,
    int Layout = 1)
{
    // Figures of the first version do not have the time of each originator's last report.
    private const int SettlementLayout = 2;

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

    /// <summary>The settlement chain's registries and its report manager; those without an address are left out.</summary>
    public static WatchedChain Settlement(SettlementChainOptions chain) => new(
        "settlement-chain",
        chain.ChainId,
        chain.RpcUrl!,
        chain.WssUrl,
        chain.DeploymentBlock,
        chain.BackfillBlockPageSize,
        chain.MaxChainDisconnectTime,
        [.. Known(chain.NodeRegistry, chain.RateRegistry, chain.PayerRegistry, chain.PayerReportManager)],
        ChainEventHandlers.SettlementChain,
        SettlementLayout);

    /// <summary>Whether both are one chain, read from one endpoint.</summary>
    public bool IsOneWith(WatchedChain other) =>
        RpcUrl.AbsoluteUri == other.RpcUrl.AbsoluteUri && (Id == other.Id || Id == 0 || other.Id == 0);

    /// <summary>What is read from the endpoint of both chains, which are one: the events of both, from the earlier first block.</summary>
    public WatchedChain With(WatchedChain other) => this with
    {
        Name = $"{Name} (the {other.Name} too)",
        WssUrl = other.WssUrl ?? WssUrl,
        FirstBlock = Math.Min(FirstBlock, other.FirstBlock),
        PageSize = Math.Min(PageSize, other.PageSize),
        Contracts = [.. Contracts.Union(other.Contracts)],
        Handlers = Handlers.Concat(other.Handlers).DistinctBy(entry => entry.Key).ToDictionary(),
    };

    /// <summary>The handler of a log; null when it is not of this chain's contracts and events, or below its first block.</summary>
    public ChainEventHandler? HandlerOf(LogEntry log) =>
        log.Topics.Count > 0 && log.BlockNumber >= FirstBlock && Contracts.Contains(log.Address)
            ? Handlers.GetValueOrDefault(log.Topics[0])
            : null;

    /// <summary>The filter of its logs.</summary>
    public LogFilter Filter => new() { Addresses = Contracts, Topics = [[.. Handlers.Keys]] };

    /// <summary>Identifies the source of figures. Figures from another source are not used.</summary>
    /// <param name="ownPayer">The payer whose money is followed.</param>
    public string Fingerprint(EthereumAddress? ownPayer) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Layout} {Id} {FirstBlock} {string.Join(' ', Contracts)} {ownPayer?.ToString() ?? "-"}");

    /// <summary>The options of its follower.</summary>
    public LogFollowerOptions FollowerOptions => new() { FirstBlock = FirstBlock, PageSize = PageSize };

    private static IEnumerable<EthereumAddress> Known(params EthereumAddress[] contracts) => contracts.Where(address => !address.IsZero);
}
