using Google.Protobuf;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Publish;

/// <summary>
/// Checks once, before anything is measured, that the gateway does its work: our bytes, signed by the payer, numbered
/// by the node.
/// </summary>
internal static class AnswerCheck
{
    /// <param name="request">What it was given.</param>
    /// <param name="answer">What it answered.</param>
    /// <param name="payer">Whose signature the envelope must have.</param>
    /// <param name="node">The node that must have numbered it; 0 for any.</param>
    /// <exception cref="BenchFailure">It does not.</exception>
    public static void Check(byte[] request, byte[] answer, EthereumAddress payer, uint node = 0)
    {
        var sent = PublishClientEnvelopesRequest.Parser.ParseFrom(request).Envelopes.Single().ToByteArray();
        var envelope = PublishClientEnvelopesResponse.Parser.ParseFrom(answer).OriginatorEnvelopes.Single();
        var numbered = UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope);
        var paid = PayerEnvelope.Parser.ParseFrom(numbered.PayerEnvelopeBytes);
        if (!paid.UnsignedClientEnvelope.Span.SequenceEqual(sent))
            throw new BenchFailure("the gateway published other bytes than it was given");
        if (node != 0 && paid.TargetOriginator != node)
            throw new BenchFailure($"the gateway published to node {paid.TargetOriginator} what belongs to node {node}");

        Span<byte> hash = stackalloc byte[Keccak256.HashSize], key = stackalloc byte[65];
        PayerSignature.Hash(paid.TargetOriginator, sent, hash);
        if (!Secp256k1.Default.TryRecover(hash, paid.PayerSignature.Bytes.Span, key) || EthereumAddress.FromPublicKey(key) != payer)
            throw new BenchFailure("the payer's signature is not the payer's");
    }
}
