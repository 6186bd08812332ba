using Aspire.Hosting.ApplicationModel;
using Xmtp.Gateway.Aspire.Hosting;

namespace Aspire.Hosting;

/// <summary>Adds a local XMTP network to an application.</summary>
public static class XmtpDevNetHosting
{
    private const string Package = "Xmtp.Gateway.DevNet";

    /// <summary>
    /// Adds a whole local network as one program of this machine, the tool package of this package's version: a chain with the
    /// contracts, nodes, and a gateway in front. It is healthy once that gateway publishes. It is not deployed.
    /// </summary>
    /// <remarks>
    /// The chain is Anvil; where it is not on the PATH, the first start installs it with npm. More flags of the program are given with
    /// <c>WithArgs</c>, such as <c>"--block-time", "2"</c>, also those of its gateway.
    /// </remarks>
    /// <param name="builder">The application.</param>
    /// <param name="name">The name of the resource, and of the connection string that clients get.</param>
    /// <param name="port">The port of its gateway on this machine; null, the default, takes a free one.</param>
    /// <param name="nodes">The number of nodes, 1 to 20; default 2.</param>
    public static IResourceBuilder<XmtpDevNetResource> AddXmtpDevNet(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, int? port = null, int nodes = 2)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentOutOfRangeException.ThrowIfLessThan(nodes, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nodes, 20);
        return builder.AddResource(new XmtpDevNetResource(name, builder.AppHostDirectory))
            .WithTool(Package)
            .WithArgs("--nodes", $"{nodes}", "--node-port", "0", "--api.http-port", "-1")
            .WithPort(GatewayEndpoints.Http, "--api.port", port)
            .WithPort(GatewayEndpoints.Metrics, "--metrics.metrics-port")
            .WithPort(GatewayEndpoints.Chain, "--chain-port")
            .WithPort(GatewayEndpoints.Page, "--page-port")
            .WithUrlForEndpoint(GatewayEndpoints.Page, url => url.DisplayText = "Two users, and what each message cost")
            .WithUrlForEndpoint(GatewayEndpoints.Metrics, url => url.DisplayText = "The operator's page")
            .WithOtlpExporter()
            .WithHttpHealthCheck("/readyz", endpointName: GatewayEndpoints.Http)
            .ExcludeFromManifest();
    }

    private static IResourceBuilder<XmtpDevNetResource> WithPort(
        this IResourceBuilder<XmtpDevNetResource> network, string endpoint, string flag, int? port = null) => network
            .WithHttpEndpoint(port: port, name: endpoint)
            .WithArgs(context =>
            {
                context.Args.Add(flag);
                context.Args.Add(new EndpointReference(network.Resource, endpoint).Property(EndpointProperty.TargetPort));
            });
}
