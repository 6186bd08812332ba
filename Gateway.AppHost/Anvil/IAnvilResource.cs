namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>A local Ethereum chain with XMTP's contracts on it: App Chain and settlement chain in one.</summary>
/// <remarks>Its connection string is the URL of its JSON-RPC over HTTP; WebSocket uses the same port.</remarks>
internal interface IAnvilResource : IResourceWithConnectionString, IResourceWithEndpoints, IResourceWithWaitSupport
{
    /// <summary>The name of its only endpoint.</summary>
    public const string EndpointName = "http";

    /// <summary>JSON-RPC over HTTP.</summary>
    EndpointReference Endpoint => new(this, EndpointName);

    /// <summary>The URL of the JSON-RPC over WebSocket.</summary>
    ReferenceExpression WebSocketExpression =>
        ReferenceExpression.Create($"ws://{Endpoint.Property(EndpointProperty.Host)}:{Endpoint.Property(EndpointProperty.Port)}");

    /// <summary>The URL of the JSON-RPC over HTTP.</summary>
    ReferenceExpression HttpExpression =>
        ReferenceExpression.Create($"http://{Endpoint.Property(EndpointProperty.Host)}:{Endpoint.Property(EndpointProperty.Port)}");
}
