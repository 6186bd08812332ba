using Aspire.Hosting.ApplicationModel;

namespace Xmtp.Gateway.Aspire.Hosting;

/// <summary>The endpoints of a gateway, and what clients get of them.</summary>
internal static class GatewayEndpoints
{
    /// <summary>gRPC, gRPC-Web and Connect.</summary>
    public const string Http = "http";

    /// <summary>gRPC-Web and Connect over HTTP/1.1 on a port of their own: for proxies that decide on one version a port.</summary>
    public const string Web = "web";

    /// <summary>Prometheus, and the operator's page.</summary>
    public const string Metrics = "metrics";

    /// <summary>The JSON-RPC of a local chain.</summary>
    public const string Chain = "chain";

    /// <summary>The page of a local network.</summary>
    public const string Page = "page";

    /// <summary>The connection string: the URL.</summary>
    public static ReferenceExpression UrlOf(EndpointReference endpoint) =>
        ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.Url)}");

    /// <summary>The URL and its parts, which Aspire hands to programs of every language as <c>NAME_URI</c> and the like.</summary>
    public static IEnumerable<KeyValuePair<string, ReferenceExpression>> PropertiesOf(EndpointReference endpoint) =>
    [
        new("Uri", UrlOf(endpoint)),
        new("Host", ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.Host)}")),
        new("Port", ReferenceExpression.Create($"{endpoint.Property(EndpointProperty.Port)}")),
    ];
}
