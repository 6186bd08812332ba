namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>An <see cref="RpcError"/> for callers that cannot go on without the value.</summary>
public sealed class RpcException(RpcError error) : Exception(error.ToString())
{
    /// <summary>What went wrong.</summary>
    public RpcError Error { get; } = error;
}
