namespace Aspire.Hosting.ApplicationModel;

/// <summary>
/// A resource with a gateway for clients: <see cref="XmtpGatewayHosting.AddXmtpGateway"/>, and the local network. Its connection
/// string is the gateway's URL, which SDKs take as <c>gatewayHost</c>.
/// </summary>
public interface IResourceWithXmtpGateway
    : IResourceWithConnectionString, IResourceWithEnvironment, IResourceWithArgs, IResourceWithEndpoints, IResourceWithWaitSupport
{
    /// <summary>gRPC, gRPC-Web and Connect, on one port.</summary>
    EndpointReference HttpEndpoint { get; }

    /// <summary>Whether the gateway belongs to the local network: clients then get <c>XMTP_ENV=local</c> as well.</summary>
    bool IsLocal { get; }
}
