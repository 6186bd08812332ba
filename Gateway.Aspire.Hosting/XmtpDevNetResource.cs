using Xmtp.Gateway.Aspire.Hosting;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A whole local XMTP network as one program of this machine: a chain, its contracts, nodes, a gateway in front.</summary>
/// <param name="name">The name in the application.</param>
/// <param name="workingDirectory">The folder that it runs in, whose <c>nuget.config</c> says where its package comes from.</param>
public sealed class XmtpDevNetResource(string name, string workingDirectory)
    : ExecutableResource(name, ToolProgram.Command, workingDirectory), IResourceWithXmtpGateway
{
    /// <inheritdoc/>
    public EndpointReference HttpEndpoint => new(this, GatewayEndpoints.Http);

    /// <summary>The JSON-RPC of App Chain and settlement chain, over HTTP and WebSocket.</summary>
    public EndpointReference ChainEndpoint => new(this, GatewayEndpoints.Chain);

    /// <inheritdoc/>
    public bool IsLocal => true;

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression => GatewayEndpoints.UrlOf(HttpEndpoint);

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() => GatewayEndpoints.PropertiesOf(HttpEndpoint);
}
