using Xmtp.Gateway.AppHost.Anvil;

namespace Xmtp.Gateway.AppHost.Network;

/// <summary>
/// The addresses that the dashboard shows for a resource, labelled by purpose, the main one first; each with a path that answers a
/// browser, except those of Redis and of the chain, which have none.
/// </summary>
internal static class ResourceAddresses
{
    /// <summary>The gateway: the addresses for clients, then those for operators.</summary>
    public static IResourceBuilder<ProjectResource> WithGatewayLinks(this IResourceBuilder<ProjectResource> gateway) => gateway
        .WithUrlForEndpoint("grpc", url => Show(url, "gRPC, gRPC-Web, Connect", order: 4, path: "/livez"))
        .WithUrlForEndpoint("web", url => Show(url, "gRPC-Web and Connect over HTTP/1.1", order: 3, path: "/livez"))
        .WithUrlForEndpoint("web", _ => New("/readyz", "Health", order: 2))
        .WithUrlForEndpoint("metrics", url => Show(url, "Metrics", order: 0, path: "/metrics"))
        .WithUrlForEndpoint("metrics", _ => New("/", "The operator's page", order: 1));

    /// <summary>The watcher: its metrics, the payer's money and its health.</summary>
    public static IResourceBuilder<ProjectResource> WithWatcherLinks(this IResourceBuilder<ProjectResource> watcher) => watcher
        .WithUrlForEndpoint("metrics", url => Show(url, "Follows both chains: metrics", order: 3, path: "/metrics"))
        .WithUrlForEndpoint("metrics", _ => New("/v1/payer", "The payer's deposits and charges", order: 2))
        .WithUrlForEndpoint("metrics", _ => New("/readyz", "Health", order: 1));

    /// <summary>The store shared by gateways and watcher.</summary>
    public static IResourceBuilder<T> WithStoreLink<T>(this IResourceBuilder<T> redis)
        where T : IResource =>
            redis.WithUrlForEndpoint(
                "tcp", url => Show(url, "Shared by gateways and watcher: nonces, limits, results, checkpoints", order: 1));

    /// <summary>The chain.</summary>
    public static IResourceBuilder<T> WithChainLink<T>(this IResourceBuilder<T> anvil)
        where T : IAnvilResource =>
            anvil.WithUrlForEndpoint(IAnvilResource.EndpointName, url => Show(url, "JSON-RPC of App Chain and settlement chain", order: 1));

    /// <summary>The nodes: their ports are free ones, which the watcher reads from the registry on the chain.</summary>
    public static IResourceBuilder<ProjectResource> WithNodesLink(
        this IResourceBuilder<ProjectResource> nodes, IResourceBuilder<ProjectResource> watcher) => nodes.WithUrl(
        ReferenceExpression.Create($"{watcher.GetEndpoint("metrics")}/v1/network"),
        "Keep and replicate messages: each node, and what it lacks");

    /// <summary>An address at a path of the endpoint.</summary>
    /// <param name="path">Such as <c>/readyz</c>.</param>
    /// <param name="text">What it is for.</param>
    /// <param name="order">The highest is shown first.</param>
    public static ResourceUrlAnnotation New(string path, string text, int order) =>
        Show(new ResourceUrlAnnotation { Url = path }, text, order);

    private static ResourceUrlAnnotation Show(ResourceUrlAnnotation url, string text, int order, string path = "")
    {
        url.Url += path;
        url.DisplayText = text;
#pragma warning disable CS0618 // It is a field in Aspire 13 and will be a property; there is no other way to set the order.
        url.DisplayOrder = order;
#pragma warning restore CS0618
        return url;
    }
}
