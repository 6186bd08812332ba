using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Xmtp.Gateway.BroadcastNetwork.Nodes;
using Xmtp.Gateway.BroadcastNetwork.Selection;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork;

internal static class BroadcastNetworkRegistration
{
    /// <summary>Adds flow 1 for one payer, and the node registry that GetNodes returns.</summary>
    internal static IServiceCollection AddBroadcastNetwork(this IServiceCollection services) => services.AddNodes().AddNodePublishing();

    /// <summary>Adds what all payers share: the registry of nodes, the connections to them, and the start check of their keys.</summary>
    internal static IServiceCollection AddNodes(this IServiceCollection services)
    {
        services.TryAddSingleton<ContractNodeSource>();
        services.TryAddSingleton<INodeRegistry, NodeRegistry>();
        services.AddHostedService<NodeRegistryRefresher>();
        services.TryAddSingleton<NodeCallMetrics>();
        services.TryAddSingleton<NodeConnections>();
        services.TryAddSingleton<UnattendedAttempts>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<UnattendedAttempts>());
        services.AddSingleton<IStartCheck, NodeKeyCheck>().AddSingleton<NodesHealth>().AddHealthChecks().AddCheck<NodesHealth>("nodes");
        services.AddChainHealth(
            "settlement-chain", options => (options.SettlementChain.RpcUrl, options.SettlementChain.MaxChainDisconnectTime));
        return services;
    }

    /// <summary>Adds flow 1 of a payer: its choice of nodes, its signatures, and what it knows of its refusals.</summary>
    internal static IServiceCollection AddNodePublishing(this IServiceCollection services)
    {
        services.TryAddSingleton<ConnectTimes>();
        services.AddSingleton<IHostedService>(provider => provider.GetRequiredService<ConnectTimes>());
        services.AddSingleton<INodeSelector, StableSelector>();
        services.AddSingleton<INodeSelector, ManualSelector>();
        services.AddSingleton<INodeSelector, OrderedSelector>();
        services.AddSingleton<INodeSelector, RandomSelector>();
        services.AddSingleton<INodeSelector, ClosestSelector>();

        services.TryAddSingleton<NodeChoice>();
        services.TryAddSingleton<ILikelyNode>(provider => provider.GetRequiredService<NodeChoice>());
        services.TryAddSingleton<RefusalBans>();
        services.TryAddSingleton<EmptyBalanceReport>();
        services.TryAddSingleton<PublishedLookup>();
        services.TryAddSingleton<NodeAttempt>();
        services.TryAddSingleton<GroupSigning>();
        services.TryAddSingleton<GroupEnds>();
        services.TryAddSingleton<NodeGroupPublisher>();
        services.AddSingleton<IEnvelopePublisher, BroadcastNetworkPublisher>();
        return services;
    }
}
