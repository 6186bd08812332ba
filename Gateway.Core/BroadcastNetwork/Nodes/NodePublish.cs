using Grpc.Core;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>One PublishPayerEnvelopes call: written straight into the transport's buffer, answered with the bytes that came.</summary>
/// <param name="Node">The target originator.</param>
/// <param name="Envelopes">The client envelopes.</param>
/// <param name="Signatures">65 bytes an envelope.</param>
internal sealed record NodePublish(uint Node, IReadOnlyList<ParsedEnvelope> Envelopes, ReadOnlyMemory<byte> Signatures)
{
    private static readonly Marshaller<NodePublish> Request = Marshallers.Create(Serialize, static NodePublish (_) => throw new NotSupportedException());
    private static readonly Marshaller<byte[]> Response = Marshallers.Create(static (_, _) => throw new NotSupportedException(), static context => context.PayloadAsNewBuffer());

    /// <summary>The service that every deployed node has, and the one that the original's gateway calls.</summary>
    internal static Method<NodePublish, byte[]> Replication { get; } = MethodOf("xmtp.xmtpv4.message_api.ReplicationApi");

    /// <summary>Its successor.</summary>
    internal static Method<NodePublish, byte[]> Publish { get; } = MethodOf("xmtp.xmtpv4.message_api.PublishApi");

    private static Method<NodePublish, byte[]> MethodOf(string service) =>
        new(MethodType.Unary, service, "PublishPayerEnvelopes", Request, Response);

    private static void Serialize(NodePublish publish, SerializationContext context)
    {
        context.SetPayloadLength(PayerEnvelopeWriter.GetSize(publish.Node, publish.Envelopes));
        PayerEnvelopeWriter.Write(context.GetBufferWriter(), publish.Node, publish.Envelopes, publish.Signatures.Span);
        context.Complete();
    }
}
