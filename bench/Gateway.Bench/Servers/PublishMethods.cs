using System.Buffers;
using Grpc.Core;

namespace Xmtp.Gateway.Bench.Servers;

/// <summary>The two publish methods as gRPC methods over bytes: what is sent is what was given, and nothing is parsed.</summary>
internal static class PublishMethods
{
    /// <summary>What clients call on a gateway.</summary>
    public static Method<byte[], byte[]> ToGateway { get; } = Unary("xmtp.xmtpv4.payer_api.PayerApi", "PublishClientEnvelopes");

    /// <summary>What a gateway calls on a node.</summary>
    public static Method<byte[], byte[]> ToNode { get; } = Unary("xmtp.xmtpv4.message_api.PublishApi", "PublishPayerEnvelopes");

    /// <summary>The same, by the older name that every deployed node serves.</summary>
    public static Method<byte[], byte[]> ToOlderNode { get; } = Unary("xmtp.xmtpv4.message_api.ReplicationApi", "PublishPayerEnvelopes");

    private static Method<byte[], byte[]> Unary(string service, string method)
    {
        var bytes = Marshallers.Create(Write, context => context.PayloadAsNewBuffer());
        return new Method<byte[], byte[]>(MethodType.Unary, service, method, bytes, bytes);
    }

    private static void Write(byte[] message, SerializationContext context)
    {
        context.SetPayloadLength(message.Length);
        context.GetBufferWriter().Write(message);
        context.Complete();
    }
}
