using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Protocol.Envelopes;

/// <summary>Which payload belongs to which topic, and where it is published.</summary>
internal static class PayloadRules
{
    /// <summary>A group's identifier on the App Chain, in bytes: the contract's bytes16.</summary>
    private const int GroupIdSize = 16;

    /// <summary>An inbox's identifier on the App Chain, in bytes: the contract's bytes32.</summary>
    private const int InboxIdSize = 32;

    private static readonly MessageShape WelcomeShape = MessageShape.Of(WelcomeMessageInput.Descriptor);
    private static readonly MessageShape KeyPackageShape = MessageShape.Of(UploadKeyPackageRequest.Descriptor);
    private static readonly MessageShape IdentityShape = MessageShape.Of(IdentityUpdate.Descriptor);

    internal static string FieldName(PayloadKind kind) => kind switch
    {
        PayloadKind.GroupMessage => "group_message",
        PayloadKind.WelcomeMessage => "welcome_message",
        PayloadKind.UploadKeyPackage => "upload_key_package",
        PayloadKind.IdentityUpdate => "identity_update",
        PayloadKind.PayerReport => "payer_report",
        PayloadKind.PayerReportAttestation => "payer_report_attestation",
        _ => "payload",
    };

    internal static EnvelopeFault? Check(
        Topic topic, PayloadKind kind, ReadOnlyMemory<byte> payload, int index, out Destination destination)
    {
        destination = Destination.BroadcastNetwork;
        if (kind == PayloadKind.None) return new EnvelopeFault(index, "payload", "missing");
        if (kind is PayloadKind.PayerReport or PayloadKind.PayerReportAttestation)
            return new EnvelopeFault(index, FieldName(kind), "reserved for nodes");
        if (Expected(topic.Kind) != kind)
        {
            return new EnvelopeFault(
                index,
                FieldName(kind),
                $"does not belong to a topic of kind {(byte)topic.Kind}, which takes {FieldName(Expected(topic.Kind))}");
        }
        return kind switch
        {
            PayloadKind.GroupMessage => GroupMessageRules.Check(topic, payload, index, GroupIdSize, out destination),
            PayloadKind.IdentityUpdate => CheckIdentityUpdate(topic, payload, index, out destination),
            PayloadKind.WelcomeMessage => CheckMessage(WelcomeShape, payload, kind, index),
            _ => CheckMessage(KeyPackageShape, payload, kind, index),
        };
    }

    private static PayloadKind Expected(TopicKind kind) => kind switch
    {
        TopicKind.GroupMessages => PayloadKind.GroupMessage,
        TopicKind.WelcomeMessages => PayloadKind.WelcomeMessage,
        TopicKind.IdentityUpdates => PayloadKind.IdentityUpdate,
        _ => PayloadKind.UploadKeyPackage,
    };

    private static EnvelopeFault? CheckIdentityUpdate(Topic topic, ReadOnlyMemory<byte> payload, int index, out Destination destination)
    {
        destination = Destination.AppChain;
        if (topic.Identifier.Length != InboxIdSize)
            return new EnvelopeFault(index, "aad.target_topic", $"an inbox id has {InboxIdSize} bytes, this one {topic.Identifier.Length}");
        return CheckMessage(IdentityShape, payload, PayloadKind.IdentityUpdate, index);
    }

    // A node rejects what it cannot parse, and the chain stores it forever at the payer's cost: better rejected here,
    // with the index.
    private static EnvelopeFault? CheckMessage(MessageShape shape, ReadOnlyMemory<byte> payload, PayloadKind kind, int index)
    {
        if (WireCheck.Find(payload.Span, shape, out var field) is not { } fault) return null;
        return new EnvelopeFault(index, field.Length == 0 ? FieldName(kind) : $"{FieldName(kind)}.{field}", fault);
    }
}
