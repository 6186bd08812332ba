using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// Checks a node's response: as many envelopes as were sent, numbered by that node, with the bytes that were sent, with
/// fees that the rates allow, and signed by that node.
/// </summary>
internal static class NodeResponseValidator
{
    /// <summary>Checks a response.</summary>
    /// <param name="connection">The node and its sampling.</param>
    /// <param name="sent">What was sent.</param>
    /// <param name="response">The serialized PublishPayerEnvelopesResponse.</param>
    /// <param name="answers">The originator envelopes, as slices of the response.</param>
    /// <returns>Null, or the fault.</returns>
    internal static string? Read(
        NodeConnection connection, IReadOnlyList<ParsedEnvelope> sent, ReadOnlyMemory<byte> response, List<ReadOnlyMemory<byte>> answers)
    {
        if (!OriginatorEnvelopeView.TryReadResponse(response, answers)) return "the answer is no PublishPayerEnvelopesResponse";
        if (answers.Count != sent.Count) return $"{sent.Count} envelopes were answered with {answers.Count}";
        for (var i = 0; i < answers.Count; i++)
            if (Check(connection, sent[i], answers[i]) is { } fault)
                return $"answer {i}: {fault}";
        return null;
    }

    /// <summary>Checks one originator envelope, and records its sequence id.</summary>
    /// <returns>Null, or the fault.</returns>
    internal static string? Check(NodeConnection connection, ParsedEnvelope sent, ReadOnlyMemory<byte> answer)
    {
        if (!OriginatorEnvelopeView.TryRead(answer, out var view)) return "not an OriginatorEnvelope";
        if (view.OriginatorNodeId != connection.Node.Id) return $"numbered by originator {view.OriginatorNodeId}";
        if (!view.ClientEnvelope.Span.SequenceEqual(sent.Bytes.Span)) return "it holds another client envelope";
        if (view.Signature.Length != 65) return "it is not signed";
        if (connection.Fees?.Check(view) is { } absurd) return absurd;
        if (!connection.Sampling.ShouldCheck()) return Right(connection, sent, view);

        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        OriginatorSignature.Hash(view.UnsignedEnvelope.Span, hash);
        if (Secp256k1.Default.Verify(hash, view.Signature.Span, connection.Node.PublicKey.Span))
        {
            connection.Sampling.WasRight();
            return Right(connection, sent, view);
        }

        connection.Sampling.WasWrong();
        return "not signed with the node's registered key";
    }

    private static string? Right(NodeConnection connection, ParsedEnvelope sent, OriginatorEnvelopeView view)
    {
        connection.Coalescer?.Seen.Accepted(EnvelopeDependencies.Read(sent.Bytes.Span));
        connection.Progress.Observe(view.SequenceId);
        return null;
    }
}
