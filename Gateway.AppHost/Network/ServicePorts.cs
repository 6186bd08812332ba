namespace Xmtp.Gateway.AppHost.Network;

/// <summary>The ports of the gateway and of the watcher, and their health probes.</summary>
/// <remarks>
/// Both read ports from their own variables, so ASPNETCORE_URLS is not set. Only XMTPD_API_TRUSTED_PROXIES decides
/// whose X-Forwarded-For is trusted: Aspire's own switch would trust every peer.
/// </remarks>
internal static class ServicePorts
{
    /// <summary>gRPC over HTTP/2 on 5050, external; HTTP/1.1 and health on 5055; Prometheus on 8008.</summary>
    public static IResourceBuilder<ProjectResource> WithGatewayPorts(this IResourceBuilder<ProjectResource> builder) => builder
        .WithPort("grpc", 5050, "XMTPD_API_PORT")
        .WithPort("web", 5055, "XMTPD_API_HTTP_PORT")
        .WithPort("metrics", 8008, "XMTPD_METRICS_METRICS_PORT")
        .WithEndpoint("grpc", endpoint =>
        {
            endpoint.Transport = "http2";
            endpoint.IsExternal = true;
        })
        .WithOwnSettings()
        .WithStopTimeout()
        .WithHealth("web");

    /// <summary>Prometheus and health on 8008, the only port of the watcher.</summary>
    public static IResourceBuilder<ProjectResource> WithMetricsPort(this IResourceBuilder<ProjectResource> builder) => builder
        .WithPort("metrics", 8008, "XMTPD_METRICS_METRICS_PORT", takesItHere: false)
        .WithOwnSettings()
        .WithHealth("metrics");

    // In a deployment the port is the container's. In a run it is the proxy's, and each replica listens on a port
    // assigned by the proxy.
    private static IResourceBuilder<ProjectResource> WithPort(
        this IResourceBuilder<ProjectResource> builder, string name, int port, string variable, bool takesItHere = true) =>
        builder.ApplicationBuilder.ExecutionContext.IsPublishMode
            ? builder.WithHttpEndpoint(targetPort: port, name: name, env: variable)
            : builder.WithHttpEndpoint(port: takesItHere ? port : null, name: name, env: variable);

    private static IResourceBuilder<ProjectResource> WithOwnSettings(this IResourceBuilder<ProjectResource> builder) => builder
        .WithEndpointsInEnvironment(_ => false)
        .DisableForwardedHeaders()
        .WithEnvironment("XMTPD_METRICS_ENABLE", "true")
        .WithEnvironment(
            "XMTPD_METRICS_METRICS_ADDRESS", builder.ApplicationBuilder.ExecutionContext.IsPublishMode ? "0.0.0.0" : "127.0.0.1");

    // In a deployment, proxies notice a stop by a readiness probe, or slightly later than the gateway itself.
    private static IResourceBuilder<ProjectResource> WithStopTimeout(this IResourceBuilder<ProjectResource> builder) =>
        builder.ApplicationBuilder.ExecutionContext.IsPublishMode ? builder.WithEnvironment("XMTPD_API_SHUTDOWN_DELAY", "8s") : builder;

    private static IResourceBuilder<ProjectResource> WithHealth(this IResourceBuilder<ProjectResource> builder, string endpoint) => builder
        .WithHttpProbe(
            ProbeType.Readiness,
            "/readyz",
            initialDelaySeconds: 2,
            periodSeconds: 5,
            timeoutSeconds: 3,
            failureThreshold: 3,
            endpointName: endpoint)
        .WithHttpProbe(
            ProbeType.Liveness,
            "/livez",
            initialDelaySeconds: 30,
            periodSeconds: 10,
            timeoutSeconds: 3,
            failureThreshold: 6,
            endpointName: endpoint);
}
