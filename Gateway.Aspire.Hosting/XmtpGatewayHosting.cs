using Aspire.Hosting.ApplicationModel;
using Xmtp.Gateway.Aspire.Hosting;

namespace Aspire.Hosting;

/// <summary>Adds an XMTP gateway to an application, and hands it to clients.</summary>
public static class XmtpGatewayHosting
{
    private const string Package = "Xmtp.Gateway.Tool";
    private const string Image = "xmtp-gateway";
    private const int Port = 5050;
    private const int WebPort = 5055;
    private const int MetricsPort = 8008;

    // The fourth of Anvil's well-known accounts, which has ether on every Anvil; the local network's own gateway has the second.
    private const string PublicTestKey = "0x7c852118294e51e653712a81e05800f419141751be58f605c371e15141b007a6";

    /// <summary>
    /// Adds a gateway. In a run it is a program of this machine, the tool package of this package's version; in a deployment a
    /// container. It is healthy once it publishes.
    /// </summary>
    /// <remarks>
    /// It needs a network (<see cref="WithNetwork(IResourceBuilder{IXmtpGatewayResource}, IResourceBuilder{XmtpDevNetResource})"/>),
    /// on a real one a payer (<see cref="WithPayer"/>), and takes every variable of the gateway with <c>WithEnvironment</c>, such as
    /// <c>XMTPD_LIMITS</c>. What is missing is in its log, line by line.
    /// </remarks>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the resource, and of the connection string that clients get.</param>
    /// <param name="port">The port on this machine in a run; null, the default, takes a free one.</param>
    public static IResourceBuilder<IXmtpGatewayResource> AddXmtpGateway(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ExecutionContext.IsPublishMode ? AddContainer(builder, name) : AddProgram(builder, name, port);
    }

    /// <summary>
    /// Hands a gateway to a client: its URL as the connection string of its name, as <c>XMTP_GATEWAY_HOST</c>, which the agent SDK
    /// reads and others take as <c>gatewayHost</c>, and, on the local network, <c>XMTP_ENV=local</c>.
    /// </summary>
    /// <param name="builder">The client: a project, a Node application, any program.</param>
    /// <param name="gateway">The gateway, or a local network, whose own gateway it then is.</param>
    public static IResourceBuilder<T> WithReference<T>(this IResourceBuilder<T> builder, IResourceBuilder<IResourceWithXmtpGateway> gateway)
        where T : IResourceWithEnvironment
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(gateway);
        IResourceBuilder<IResourceWithConnectionString> source = gateway;
        return builder.WithReference(source)
            .WithEnvironment("XMTP_GATEWAY_HOST", gateway.Resource.ConnectionStringExpression)
            .WithEnvironment(context =>
            {
                if (gateway.Resource.IsLocal) context.EnvironmentVariables["XMTP_ENV"] = "local";
            });
    }

    /// <summary>
    /// Puts the gateway in front of a local network, and lets it wait for it. Without <see cref="WithPayer"/> a public test account
    /// pays, which has ether there.
    /// </summary>
    /// <exception cref="DistributedApplicationException">The application is being deployed, and a local network is not.</exception>
    public static IResourceBuilder<IXmtpGatewayResource> WithNetwork(
        this IResourceBuilder<IXmtpGatewayResource> gateway, IResourceBuilder<XmtpDevNetResource> network)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(network);
        if (gateway.ApplicationBuilder.ExecutionContext.IsPublishMode)
        {
            throw new DistributedApplicationException(
                $"{gateway.Resource.Name}: the local network '{network.Resource.Name}' is not deployed; expected " +
                "WithNetwork(\"testnet\" or \"mainnet\", …) and WithPayer(…) where ExecutionContext.IsPublishMode");
        }

        var chain = network.Resource.ChainEndpoint;
        var (http, socket) = (ReferenceExpression.Create($"http://{chain.Property(EndpointProperty.HostAndPort)}"),
            ReferenceExpression.Create($"ws://{chain.Property(EndpointProperty.HostAndPort)}"));
        gateway.Resource.Annotations.Add(new LocalNetworkAnnotation());
        return gateway
            .WithEnvironment("XMTPD_CONTRACTS_ENVIRONMENT", "anvil")
            .WithEnvironment("XMTPD_APP_CHAIN_RPC_URL", http)
            .WithEnvironment("XMTPD_APP_CHAIN_WSS_URL", socket)
            .WithEnvironment("XMTPD_SETTLEMENT_CHAIN_RPC_URL", http)
            .WithEnvironment("XMTPD_SETTLEMENT_CHAIN_WSS_URL", socket)
            .WithEnvironment(context => context.EnvironmentVariables.TryAdd("XMTPD_PAYER_PRIVATE_KEY", PublicTestKey))
            .WaitFor(network);
    }

    /// <summary>Puts the gateway in front of a real network.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="environment"><c>testnet</c> or <c>mainnet</c>.</param>
    /// <param name="appChainRpcUrl">The App Chain's JSON-RPC over https; a secret, as it contains the provider's key.</param>
    /// <param name="settlementChainRpcUrl">The settlement chain's (Base) JSON-RPC over https; a secret.</param>
    public static IResourceBuilder<IXmtpGatewayResource> WithNetwork(
        this IResourceBuilder<IXmtpGatewayResource> gateway,
        string environment,
        IResourceBuilder<ParameterResource> appChainRpcUrl,
        IResourceBuilder<ParameterResource> settlementChainRpcUrl)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(environment);
        return gateway
            .WithEnvironment("XMTPD_CONTRACTS_ENVIRONMENT", environment)
            .WithEnvironment("XMTPD_APP_CHAIN_RPC_URL", appChainRpcUrl)
            .WithEnvironment("XMTPD_SETTLEMENT_CHAIN_RPC_URL", settlementChainRpcUrl);
    }

    /// <summary>Names the wallet that pays.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="privateKey">Its private key, 64 hexadecimal digits: a secret parameter.</param>
    public static IResourceBuilder<IXmtpGatewayResource> WithPayer(
        this IResourceBuilder<IXmtpGatewayResource> gateway, IResourceBuilder<ParameterResource> privateKey)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        return gateway.WithEnvironment("XMTPD_PAYER_PRIVATE_KEY", privateKey);
    }

    /// <summary>
    /// Keeps the gateway's state in Redis, which several gateways with one payer need; without it the state is in memory.
    /// </summary>
    public static IResourceBuilder<IXmtpGatewayResource> WithRedis(
        this IResourceBuilder<IXmtpGatewayResource> gateway, IResourceBuilder<IResourceWithConnectionString> redis)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(redis);
        return gateway.WithEnvironment("XMTPD_REDIS_URL", redis.Resource.ConnectionStringExpression).WaitFor(redis);
    }

    /// <summary>
    /// Runs a program of this machine in place of the tool package, such as a build of one's own; no effect on a deployment.
    /// </summary>
    /// <param name="builder">A gateway or a local network.</param>
    /// <param name="command">The program: a path, or a name on the PATH.</param>
    /// <param name="arguments">Its first arguments, such as the path of a <c>.dll</c> for <c>dotnet</c>.</param>
    public static IResourceBuilder<T> RunAsExecutable<T>(this IResourceBuilder<T> builder, string command, params string[] arguments)
        where T : IResourceWithXmtpGateway
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(command);
        ArgumentNullException.ThrowIfNull(arguments);
        if ((IResource)builder.Resource is ExecutableResource program) ToolProgram.Replace(program, command, arguments);
        return builder;
    }

    /// <summary>Deploys an image of one's own registry in place of <c>xmtp-gateway</c>; no effect on a run.</summary>
    /// <param name="gateway">The gateway.</param>
    /// <param name="image">The image without a tag, such as <c>registry.example.com/xmtp-gateway</c>.</param>
    /// <param name="tag">The tag; null, the default, is this package's version.</param>
    public static IResourceBuilder<IXmtpGatewayResource> PublishAsImage(
        this IResourceBuilder<IXmtpGatewayResource> gateway, string image, string? tag = null)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentException.ThrowIfNullOrEmpty(image);
        if (gateway.Resource is XmtpGatewayContainerResource container)
            gateway.ApplicationBuilder.CreateResourceBuilder(container).WithImage(image, tag ?? ToolProgram.Version);
        return gateway;
    }

    private static IResourceBuilder<IXmtpGatewayResource> AddProgram(IDistributedApplicationBuilder builder, string name, int? port) =>
        builder.AddResource(new XmtpGatewayResource(name, builder.AppHostDirectory))
            .WithTool(Package)
            .WithHttpEndpoint(port: port, name: GatewayEndpoints.Http, env: "XMTPD_API_PORT")
            .WithHttpEndpoint(name: GatewayEndpoints.Metrics, env: "XMTPD_METRICS_METRICS_PORT")
            .WithUrlForEndpoint(GatewayEndpoints.Metrics, url => url.DisplayText = "The operator's page")
            .WithEnvironment("XMTPD_API_HTTP_PORT", "-1")
            .WithEnvironment("XMTPD_API_BIND_ADDRESS", "127.0.0.1")
            .WithEnvironment("XMTPD_API_SHUTDOWN_DELAY", "0s")
            .WithEnvironment("XMTPD_METRICS_ENABLE", "true")
            .WithEnvironment("XMTPD_METRICS_METRICS_ADDRESS", "127.0.0.1")
            .WithOtlpExporter()
            .WithHttpHealthCheck("/readyz", endpointName: GatewayEndpoints.Http);

    private static IResourceBuilder<IXmtpGatewayResource> AddContainer(IDistributedApplicationBuilder builder, string name) =>
        builder.AddResource(new XmtpGatewayContainerResource(name))
            .WithImage(Image, ToolProgram.Version)
            .WithHttpEndpoint(targetPort: Port, name: GatewayEndpoints.Http)
            .WithEndpoint(GatewayEndpoints.Http, endpoint => endpoint.Transport = "http2")
            .WithHttpEndpoint(targetPort: WebPort, name: GatewayEndpoints.Web)
            .WithHttpEndpoint(targetPort: MetricsPort, name: GatewayEndpoints.Metrics)
            .WithEnvironment("XMTPD_METRICS_ENABLE", "true")
            .WithOtlpExporter()
            .WithHttpHealthCheck("/readyz", endpointName: GatewayEndpoints.Web);
}
