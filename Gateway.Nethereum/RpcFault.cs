using Nethereum.ABI.FunctionEncoding;
using Nethereum.Contracts;
using Nethereum.JsonRpc.Client;
using Xmtp.Gateway.Chain.JsonRpc;
using RpcError = Xmtp.Gateway.Chain.JsonRpc.RpcError;

namespace Xmtp.Gateway.Nethereum;

/// <summary>Tells what an exception of Nethereum's means, whichever of its layers threw it.</summary>
public static class RpcFault
{
    /// <summary>The error behind an exception that a call over a <see cref="TransportClient"/> ended with.</summary>
    /// <returns>Null when it is something else, such as a cancellation.</returns>
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
