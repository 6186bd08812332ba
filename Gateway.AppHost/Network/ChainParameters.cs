using Xmtp.Gateway.AppHost.Anvil;

namespace Xmtp.Gateway.AppHost.Network;

/// <summary>The parameters of the chains of testnet and mainnet. RPC URLs contain keys, so all of them are secrets.</summary>
internal static class ChainParameters
{
    /// <summary>Adds the parameters. Without <c>--network</c> the environment is one too, with the default testnet.</summary>
    public static ChainAccess AddChainParameters(this IDistributedApplicationBuilder builder, AppHostOptions options) => new(
        options.Network is { } network
            ? ReferenceExpression.Create($"{network}")
            : Of(builder.AddParameter("network", "testnet", publishValueAsDefault: true)),
        Of(builder.AddRequired("app-chain-rpc-url", "The App Chain's JSON-RPC over https.")),
        Of(builder.AddOptional("app-chain-wss-url", secret: true)),
        Of(builder.AddRequired("settlement-chain-rpc-url", "The settlement chain's (Base) JSON-RPC over https.")),
        Of(builder.AddOptional("settlement-chain-wss-url", secret: true)));

    /// <summary>Sets the chains of a gateway or a watcher.</summary>
    public static IResourceBuilder<T> WithChains<T>(this IResourceBuilder<T> builder, ChainAccess chains)
        where T : IResourceWithEnvironment => builder
            .WithEnvironment("XMTPD_CONTRACTS_ENVIRONMENT", chains.Environment)
            .WithEnvironment("XMTPD_APP_CHAIN_RPC_URL", chains.AppRpc)
            .WithEnvironment("XMTPD_APP_CHAIN_WSS_URL", chains.AppSocket)
            .WithEnvironment("XMTPD_SETTLEMENT_CHAIN_RPC_URL", chains.SettlementRpc)
            .WithEnvironment("XMTPD_SETTLEMENT_CHAIN_WSS_URL", chains.SettlementSocket);

    /// <summary>Sets this Anvil as both chains of a gateway or a watcher.</summary>
    public static IResourceBuilder<T> WithChains<T>(this IResourceBuilder<T> builder, IResourceBuilder<IAnvilResource> anvil)
        where T : IResourceWithEnvironment => builder.WithChains(ChainAccess.To(anvil.Resource));

    /// <summary>
    /// Adds a parameter that is empty unless it is set, so that a run does not prompt for it. Without a WebSocket, for
    /// example, the chain is polled.
    /// </summary>
    /// <remarks>A shell cannot set a variable with a hyphen: as for Aspire's own parameters, an underscore replaces it.</remarks>
    public static IResourceBuilder<ParameterResource> AddOptional(
        this IDistributedApplicationBuilder builder, string name, bool secret) => builder.AddParameter(
        name,
        () => builder.Configuration[$"Parameters:{name}"] ?? builder.Configuration[$"Parameters:{name.Replace('-', '_')}"] ?? string.Empty,
        secret: secret);

    private static IResourceBuilder<ParameterResource> AddRequired(
        this IDistributedApplicationBuilder builder, string name, string description) =>
        builder.AddParameter(name, secret: true).WithDescription(description);

    private static ReferenceExpression Of(IResourceBuilder<ParameterResource> parameter) =>
        ReferenceExpression.Create($"{parameter.Resource}");
}
