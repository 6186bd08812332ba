using Xmtp.Gateway.AppHost.Anvil;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Nethereum.DevChains;

namespace Xmtp.Gateway.AppHost.Network;

/// <summary>The local XMTP network: nodes from <c>Gateway.DevNet</c> on the chain of an Anvil.</summary>
internal static class LocalNetwork
{
    // The key of DevAccounts.Payer. It is public, so never use it elsewhere.
    private const string PublicTestKey = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

    /// <summary>Whether the network is local: the default for a run, unless <c>--network</c> says otherwise.</summary>
    /// <exception cref="ArgumentException">A local network was requested for a deployment.</exception>
    public static bool RunsLocalNetwork(this IDistributedApplicationBuilder builder, AppHostOptions options)
    {
        var local = options.Network ?? (builder.ExecutionContext.IsRunMode ? "anvil" : null);
        if (local != "anvil") return false;
        return builder.ExecutionContext.IsRunMode
            ? true
            : throw new ArgumentException("--network anvil: the local chain is not deployed; testnet or mainnet");
    }

    /// <summary>Adds the key of the wallet that pays: a public test key on the local chain, else a parameter.</summary>
    public static IResourceBuilder<ParameterResource> AddPayerKey(
        this IDistributedApplicationBuilder builder, string name, AppHostOptions options) =>
        builder.RunsLocalNetwork(options)
            ? builder.AddParameter(name, PublicTestKey, secret: true)
            : builder.AddParameter(name, secret: true)
                .WithDescription("The private key of the wallet that pays: 64 hexadecimal digits. Everything it signs, it pays for.");

    /// <summary>
    /// Adds the address of that wallet, whose money the watcher follows; it is not a secret. A run does not prompt for
    /// it: without it the watcher only follows the chains.
    /// </summary>
    public static IResourceBuilder<ParameterResource> AddPayerAddress(
        this IDistributedApplicationBuilder builder, string name, AppHostOptions options) =>
        builder.RunsLocalNetwork(options)
            ? builder.AddParameter(name, DevAccounts.Payer.ToString())
            : builder.AddOptional(name, secret: false)
                .WithDescription("The address of the wallet that pays: its deposits, charges and debt are the watcher's figures.");

    /// <summary>
    /// Adds the nodes. They are healthy once the registry on the chain contains them, so that a gateway that waits for
    /// them finds them at its start.
    /// </summary>
    public static IResourceBuilder<ProjectResource> AddNodes(
        this IDistributedApplicationBuilder builder, string name, IResourceBuilder<IAnvilResource> anvil)
    {
        return builder.AddProject<Projects.Gateway_DevNet>(name, launchProfileName: null)
            .WithArgs("--only", "nodes", "--node-port", "0", "--chain")
            .WithArgs(context => context.Args.Add(anvil.Resource.ConnectionStringExpression))
            .WithChainCheck(name, anvil.Resource, "no nodes in the registry", HasNodesAsync)
            .WaitFor(anvil);
    }

    /// <summary>Lets the watcher watch the sync cursors of the nodes, which is off by default.</summary>
    public static IResourceBuilder<ProjectResource> WithNodeWatch(this IResourceBuilder<ProjectResource> watcher) =>
        watcher.WithEnvironment("XMTPD_WATCHER_NETWORK", "true")
            .WithUrlForEndpoint("metrics", _ => ResourceAddresses.New("/v1/network", "The nodes and what they lack", order: 0));

    /// <summary>Lets the operator's page of the gateway show the events that the watcher has seen.</summary>
    public static IResourceBuilder<ProjectResource> ShowsEventsOf(
        this IResourceBuilder<ProjectResource> gateway, IResourceBuilder<ProjectResource> watcher) =>
        gateway.WithEnvironment("XMTPD_METRICS_WATCHER_URL", watcher.GetEndpoint("metrics"));

    private static async Task<bool> HasNodesAsync(DevChain chain, CancellationToken stoppingToken) =>
        (await new NodeRegistryContract(chain.Rpc, ChainAddresses.NodeRegistry).GetCanonicalNodesAsync(stoppingToken)).OrThrow().Count > 0;
}
