using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Signs envelopes for a node with the payer's key.</summary>
internal static class PayerSigning
{
    /// <summary>
    /// Writes 65 bytes per envelope into <paramref name="signatures"/>. With a local key it completes synchronously.
    /// </summary>
    internal static ValueTask SignAsync(
        ISigner signer, uint node, IReadOnlyList<ParsedEnvelope> envelopes, Memory<byte> signatures, CancellationToken cancellationToken)
    {
        if (signer is not PrivateKeySigner local) return SignRemoteAsync(signer, node, envelopes, signatures, cancellationToken);
        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        for (var i = 0; i < envelopes.Count; i++)
        {
            PayerSignature.Hash(node, envelopes[i].Bytes.Span, hash);
            local.Sign(hash, signatures.Span.Slice(i * PayerEnvelopeWriter.SignatureSize, PayerEnvelopeWriter.SignatureSize));
        }

        return ValueTask.CompletedTask;
    }

    private static async ValueTask SignRemoteAsync(
        ISigner signer, uint node, IReadOnlyList<ParsedEnvelope> envelopes, Memory<byte> signatures, CancellationToken cancellationToken)
    {
        var hash = new byte[Keccak256.HashSize];
        for (var i = 0; i < envelopes.Count; i++)
        {
            PayerSignature.Hash(node, envelopes[i].Bytes.Span, hash);
            await signer.SignAsync(
                hash,
                signatures.Slice(i * PayerEnvelopeWriter.SignatureSize, PayerEnvelopeWriter.SignatureSize),
                cancellationToken).ConfigureAwait(false);
        }
    }
}
