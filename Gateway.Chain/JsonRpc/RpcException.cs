namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>An <see cref="RpcError"/> as an exception, for callers that cannot continue without the value.</summary>
public sealed class RpcException(RpcError error) : Exception(error.ToString())
{
    /// <summary>The error.</summary>
    public RpcError Error { get; } = error;
}
