using System.Buffers;
using Grpc.AspNetCore.Server.Model;
using Grpc.Core;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>The publish method under both of its names, over raw bytes: the received bytes are checked and stored.</summary>
internal sealed class PublishMethods : IServiceMethodProvider<PublishService>
{
    private static readonly Marshaller<byte[]> Bytes = Marshallers.Create(Write, context => context.PayloadAsNewBuffer());

    /// <inheritdoc/>
    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<PublishService> context)
    {
        Add(context, "xmtp.xmtpv4.message_api.PublishApi");
        Add(context, "xmtp.xmtpv4.message_api.ReplicationApi");
    }

    private static void Add(ServiceMethodProviderContext<PublishService> context, string service) => context.AddUnaryMethod(
        new Method<byte[], byte[]>(MethodType.Unary, service, "PublishPayerEnvelopes", Bytes, Bytes),
        [],
        static (publish, request, call) => publish.PublishAsync(request, call.GetHttpContext()));

    private static void Write(byte[] message, SerializationContext context)
    {
        context.SetPayloadLength(message.Length);
        context.GetBufferWriter().Write(message);
        context.Complete();
    }
}
