using Grpc.Core;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>One PublishPayerEnvelopes call: written straight into the transport's buffer, answered with the bytes that came.</summary>
/// <param name="node">The target originator.</param>
/// <param name="envelopes">The client envelopes.</param>
/// <param name="signatures">65 bytes an envelope.</param>
/// <remarks>
/// The envelopes are slices of the caller's request, whose memory serves another request once this one is answered. A
/// call that is cut short may not have begun to write yet: <see cref="Withdraw"/> makes sure that it never reads them later.
/// </remarks>
internal sealed class NodePublish(uint node, IReadOnlyList<ParsedEnvelope> envelopes, ReadOnlyMemory<byte> signatures)
{
    private static readonly Marshaller<NodePublish> Request = Marshallers.Create(static (publish, context) => publish.Write(context), static NodePublish (_) => throw new NotSupportedException());
    private static readonly Marshaller<byte[]> Response = Marshallers.Create(static (_, _) => throw new NotSupportedException(), static context => context.PayloadAsNewBuffer());

    private readonly Lock gate = new();
    private bool withdrawn;

    /// <summary>The service that every deployed node has, and the one that the original's gateway calls.</summary>
    internal static Method<NodePublish, byte[]> Replication { get; } = MethodOf("xmtp.xmtpv4.message_api.ReplicationApi");

    /// <summary>Its successor.</summary>
    internal static Method<NodePublish, byte[]> Publish { get; } = MethodOf("xmtp.xmtpv4.message_api.PublishApi");

    /// <summary>When this returns, nobody reads the envelopes any more, and nobody will.</summary>
    internal void Withdraw()
    {
        lock (gate) withdrawn = true;
    }

    private static Method<NodePublish, byte[]> MethodOf(string service) =>
        new(MethodType.Unary, service, "PublishPayerEnvelopes", Request, Response);

    private void Write(SerializationContext context)
    {
        lock (gate)
        {
            if (withdrawn) throw new OperationCanceledException("the publish was withdrawn");
            context.SetPayloadLength(PayerEnvelopeWriter.GetSize(node, envelopes));
            PayerEnvelopeWriter.Write(context.GetBufferWriter(), node, envelopes, signatures.Span);
            context.Complete();
        }
    }
}
