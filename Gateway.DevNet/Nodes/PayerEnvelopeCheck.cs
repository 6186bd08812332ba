using Google.Protobuf;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>What a node wants of one payer envelope before it takes it. Real nodes refuse the same, all of it as INVALID_ARGUMENT.</summary>
/// <remarks>One thing is left out: real nodes have an MLS library look into key packages.</remarks>
internal sealed class PayerEnvelopeCheck(uint nodeId, EnvelopeStore store)
{
    private const uint FewestRetentionDays = 2;
    private const uint MostRetentionDays = 365;

    /// <summary>Checks one serialized PayerEnvelope.</summary>
    /// <returns>Null, or why it is refused.</returns>
    public string? Check(ReadOnlyMemory<byte> bytes, out CheckedPayerEnvelope? taken)
    {
        taken = null;
        if (TryParse(PayerEnvelope.Parser, bytes) is not { } envelope) return "not a serialized PayerEnvelope";
        var client = envelope.UnsignedClientEnvelope.Memory;
        var fault = EnvelopeReader.Read(client, 0, out var parsed);
        if (fault is not null) return $"client envelope: {fault.Field}: {fault.Message}";
        if (envelope.TargetOriginator != nodeId) return $"target originator is {envelope.TargetOriginator}, this is node {nodeId}";
        if (!TryRecover(envelope, out var payer)) return "payer signature: missing, or not one";
        if (CheckRetention(envelope.MessageRetentionDays) is { } retention) return retention;
        if (CheckRoute(parsed!) is { } route) return route;
        if (TryParse(ClientEnvelope.Parser, client) is not { } content) return "not a serialized ClientEnvelope";
        if (CheckDependencies(content.Aad) is { } dependency) return dependency;
        taken = new CheckedPayerEnvelope(bytes, parsed!.Topic, payer, envelope.MessageRetentionDays);
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

    private static bool TryRecover(PayerEnvelope envelope, out EthereumAddress payer)
    {
        payer = default;
        if (envelope.PayerSignature is not { Bytes.Length: 65 } signature) return false;
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        Span<byte> publicKey = stackalloc byte[65];
        PayerSignature.Hash(envelope.TargetOriginator, envelope.UnsignedClientEnvelope.Span, hash);
        if (!Secp256k1.Default.TryRecover(hash, signature.Bytes.Span, publicKey)) return false;
        payer = EthereumAddress.FromPublicKey(publicKey);
        return true;
    }

    private static string? CheckRetention(uint days) =>
        days is >= FewestRetentionDays and <= MostRetentionDays or uint.MaxValue
            ? null
            : $"message retention is {days} days; it is {FewestRetentionDays} to {MostRetentionDays}, or {uint.MaxValue} for ever";

    private static string? CheckRoute(ParsedEnvelope envelope) => envelope switch
    {
        { Topic.Kind: TopicKind.PayerReports or TopicKind.PayerReportAttestations } => "topics of payer reports are for nodes alone",
        { Destination: Destination.AppChain, Payload: PayloadKind.IdentityUpdate } => "identity updates go to the App Chain",
        { Destination: Destination.AppChain } => "commits and proposals go to the App Chain",
        _ => null,
    };

    // Only what is on the App Chain can be depended on, and only once this node has seen it.
    private string? CheckDependencies(AuthenticatedData aad)
    {
        if (aad.DependsOn is null) return null;
        foreach (var (originator, sequence) in aad.DependsOn.NodeIdToSequenceId)
        {
            if (originator >= StoredEnvelope.FirstNodeId) return $"depends_on: {originator} is a node, and only what is on the App Chain can be depended on";
            var seen = store.LastSequenceId(originator);
            if (sequence > seen || seen == 0) return $"depends_on: number {sequence} of originator {originator} was not seen here, the last is {seen}";
        }

        return null;
    }
}
