namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>A request of a batch.</summary>
/// <param name="Method">Such as <c>eth_call</c>.</param>
/// <param name="Parameters">As <see cref="IRpcTransport.SendAsync"/> takes them.</param>
internal sealed record RpcCall(string Method, IReadOnlyList<object?> Parameters);
