namespace Xmtp.Gateway.AppHost.Store;

/// <summary>A Redis or Garnet that runs on this machine without a container.</summary>
internal sealed class RedisServerResource(string name, string command, string workingDirectory)
    : ExecutableResource(name, command, workingDirectory), IResourceWithConnectionString
{
    /// <summary>The name of its only endpoint.</summary>
    public const string EndpointName = "tcp";

    /// <summary>The address it listens on.</summary>
    public EndpointReference Endpoint => new(this, EndpointName);

    /// <inheritdoc/>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{Endpoint.Property(EndpointProperty.Host)}:{Endpoint.Property(EndpointProperty.Port)}");
}
