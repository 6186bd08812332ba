using Xmtp.Gateway.Aspire.Hosting;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A gateway as a container, in a deployment.</summary>
/// <param name="name">The name in the application.</param>
public sealed class XmtpGatewayContainerResource(string name) : ContainerResource(name), IXmtpGatewayResource
{
    /// <inheritdoc/>
    public EndpointReference HttpEndpoint => new(this, GatewayEndpoints.Http);

    /// <inheritdoc/>
    public bool IsLocal => false;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => GatewayEndpoints.UrlOf(HttpEndpoint);

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => GatewayEndpoints.PropertiesOf(HttpEndpoint);
}
