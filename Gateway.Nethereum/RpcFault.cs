using Nethereum.ABI.FunctionEncoding;
using Nethereum.Contracts;
using Nethereum.JsonRpc.Client;
using Xmtp.Gateway.Chain.JsonRpc;
using RpcError = Xmtp.Gateway.Chain.JsonRpc.RpcError;

namespace Xmtp.Gateway.Nethereum;

/// <summary>Classifies exceptions of Nethereum, whichever of its layers threw them.</summary>
public static class RpcFault
{
    /// <summary>The error behind an exception of a call over a <see cref="TransportClient"/>.</summary>
    /// <returns>Null for any other exception, such as a cancellation.</returns>
    public static RpcError? Of(Exception exception) => exception switch
    {
        TransportResponseException answer => answer.Error,
        RpcClientUnknownException { InnerException: RpcException fault } => fault.Error,
        RpcClientTimeoutException late => RpcError.Transport("rpc", late.Message),
        SmartContractCustomErrorRevertException refusal => Refusal(refusal.ExceptionEncodedData),
        SmartContractRevertException refusal => Refusal(refusal.EncodedData),
        RpcException fault => fault.Error,
        _ => null,
    };

    private static RpcError Refusal(string data) =>
        new("contract", RpcErrorKind.Reverted, 3, "execution reverted") { Data = HexData.TryParse(data, out var bytes) ? bytes : default };
}
