using Nethereum.JsonRpc.Client;
using Xmtp.Gateway.Chain.JsonRpc;
using ClientError = Nethereum.JsonRpc.Client.RpcError;
using RpcError = Xmtp.Gateway.Chain.JsonRpc.RpcError;

namespace Xmtp.Gateway.Nethereum;

/// <summary>An endpoint's error as a Nethereum exception, with its kind: <see cref="RpcError.Kind"/>.</summary>
public sealed class TransportResponseException(RpcError error) : RpcResponseException(ErrorOf(error))
{
    /// <summary>The error; contains no URL and no parameters.</summary>
    public RpcError Error => error;

    // A revert always has data, at least "0x": Nethereum's handlers recognize it by that.
    internal static ClientError ErrorOf(RpcError error) =>
        new(error.Code, $"{error.Method}: {error.Message}", error.Kind == RpcErrorKind.Reverted ? HexData.Format(error.Data.Span) : null);
}
