using Google.Protobuf;
using Xmtp.Gateway.DevNet.Nodes.Indexing;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>
/// A node's checks of a payer envelope before it is staged. Real nodes refuse the same as INVALID_ARGUMENT, and also
/// whatever they cannot check themselves.
/// </summary>
internal sealed class PayerEnvelopeCheck(uint nodeId, SeenOriginators seen, NodeFaultState faults)
{
    private const string ValidationUnavailable =
        "internal: could not validate key package: rpc error: code = Unavailable desc = connection " +
        "error: dial tcp 10.0.12.9:50051: connect: connection refused";
    private const uint MinRetentionDays = 2;
    private const uint MaxRetentionDays = 365;

    /// <summary>Checks one serialized PayerEnvelope.</summary>
    /// <returns>Null, or why it is refused.</returns>
    public string? Check(ReadOnlyMemory<byte> bytes, out CheckedPayerEnvelope? taken)
    {
        taken = null;
        if (TryParse(PayerEnvelope.Parser, bytes) is not { } envelope) return "not a serialized PayerEnvelope";
        var client = envelope.UnsignedClientEnvelope.Memory;
        var fault = EnvelopeReader.Read(client, 0, out var parsed);
        if (fault is not null) return $"client envelope: {fault.Field}: {fault.Message}";
        if (envelope.TargetOriginator != nodeId || faults.Current.OtherNode)
            return $"invalid target originator {envelope.TargetOriginator}";
        if (!CheckedPayerEnvelope.TryRecover(envelope, out var payer)) return "payer signature: missing, or not one";
        if (TryParse(ClientEnvelope.Parser, client) is not { } content) return "not a serialized ClientEnvelope";
        if (CheckDependencies(content.Aad) is { } dependency) return dependency;
        if (CheckRetention(envelope.MessageRetentionDays) is { } retention) return retention;
        if (CheckRoute(parsed!) is { } route) return route;
        if (CheckKeyPackage(content) is { } keyPackage) return keyPackage;
        taken = new CheckedPayerEnvelope(bytes, parsed!.Topic, payer, nodeId, envelope.MessageRetentionDays);
        return null;
    }

    private static T? TryParse<T>(MessageParser<T> parser, ReadOnlyMemory<byte> bytes)
        where T : class, IMessage<T>
    {
        try
        {
            return parser.ParseFrom(bytes.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static string? CheckRetention(uint days) =>
        days is >= MinRetentionDays and <= MaxRetentionDays or uint.MaxValue
            ? null
            : $"message retention is {days} days; it is {MinRetentionDays} to {MaxRetentionDays}, or {uint.MaxValue} for ever";

    private static string? CheckRoute(ParsedEnvelope envelope) => envelope switch
    {
        { Topic.Kind: TopicKind.PayerReports or TopicKind.PayerReportAttestations } => "topics of payer reports are for nodes alone",
        { Destination: Destination.AppChain, Payload: PayloadKind.IdentityUpdate } => "identity updates go to the App Chain",
        { Destination: Destination.AppChain } => "commits and proposals go to the App Chain",
        _ => null,
    };

    // Envelopes can only depend on App Chain messages that this node has already seen.
    private string? CheckDependencies(AuthenticatedData aad)
    {
        if (aad.DependsOn is null) return null;
        foreach (var (originator, sequence) in aad.DependsOn.NodeIdToSequenceId)
        {
            if (originator >= StoredEnvelope.FirstNodeId)
                return $"depends_on: {originator} is a node, and only what is on the App Chain can be depended on";
            if (seen.Find(originator) is not { } last) return $"depends_on: originator {originator} has not been seen by this node";
            if (sequence > last) return $"depends_on: number {sequence} of originator {originator} exceeds last seen number {last}";
        }

        return null;
    }

    private string? CheckKeyPackage(ClientEnvelope content)
    {
        if (content.PayloadCase != ClientEnvelope.PayloadOneofCase.UploadKeyPackage) return null;
        if (faults.Current.ValidationUnavailable) return ValidationUnavailable;
        return KeyPackageFraming.Check((content.UploadKeyPackage.KeyPackage?.KeyPackageTlsSerialized ?? ByteString.Empty).Span) is { } fault
            ? $"key package validation failed: {fault}"
            : null;
    }
}
