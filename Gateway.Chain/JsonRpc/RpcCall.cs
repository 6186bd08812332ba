namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>A request of a batch.</summary>
/// <param name="Method">Such as <c>eth_call</c>.</param>
/// <param name="Parameters">As <see cref="IRpcTransport.SendAsync"/> takes them.</param>
internal sealed record RpcCall(string Method, IReadOnlyList<object?> Parameters)
{
    /// <summary>Whether it asks for the newest block's number, which is the same for all who ask together.</summary>
    public bool IsForHead => Method == "eth_blockNumber";
}
