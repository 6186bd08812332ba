using Xmtp.Gateway.Aspire.Hosting;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A gateway as a program of this machine.</summary>
/// <param name="name">The name in the application.</param>
/// <param name="workingDirectory">The folder that it runs in, whose <c>nuget.config</c> says where its package comes from.</param>
public sealed class XmtpGatewayResource(string name, string workingDirectory)
    : ExecutableResource(name, ToolProgram.Command, workingDirectory), IXmtpGatewayResource
{
    /// <inheritdoc/>
    public EndpointReference HttpEndpoint => new(this, GatewayEndpoints.Http);

    /// <inheritdoc/>
    public bool IsLocal => Annotations.OfType<LocalNetworkAnnotation>().Any();

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => GatewayEndpoints.UrlOf(HttpEndpoint);

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => GatewayEndpoints.PropertiesOf(HttpEndpoint);
}
