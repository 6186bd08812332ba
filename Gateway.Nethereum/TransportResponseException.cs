using Nethereum.JsonRpc.Client;
using Xmtp.Gateway.Chain.JsonRpc;
using ClientError = Nethereum.JsonRpc.Client.RpcError;
using RpcError = Xmtp.Gateway.Chain.JsonRpc.RpcError;

namespace Xmtp.Gateway.Nethereum;

/// <summary>An endpoint's error as Nethereum throws it, with what it means: <see cref="RpcError.Kind"/>.</summary>
public sealed class TransportResponseException(RpcError error) : RpcResponseException(ErrorOf(error))
{
    /// <summary>The error; holds no URL and no parameters.</summary>
    public RpcError Error => error;

    // A refusal always has data, if only "0x": that is how Nethereum's handlers know one.
    internal static ClientError ErrorOf(RpcError error) =>
        new(error.Code, $"{error.Method}: {error.Message}", error.Kind == RpcErrorKind.Reverted ? HexData.Format(error.Data.Span) : null);
}
