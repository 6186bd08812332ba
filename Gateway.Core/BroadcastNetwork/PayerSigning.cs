using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>Signs envelopes for a node with the payer's key.</summary>
internal static class PayerSigning
{
    /// <summary>The max number of envelopes of one publish that a remote signer is asked for at once.</summary>
    internal const int MaxTogether = 32;

    /// <summary>
    /// Writes 65 bytes per envelope into <paramref name="signatures"/>. With a local key it completes synchronously.
    /// </summary>
    internal static ValueTask SignAsync(
        ISigner signer, uint node, IReadOnlyList<ParsedEnvelope> envelopes, Memory<byte> signatures, CancellationToken cancellationToken)
    {
        if (signer is not PrivateKeySigner local) return SignRemoteAsync(signer, node, envelopes, signatures, cancellationToken);
        if (envelopes.Count >= SharedSigning.MinEnvelopes)
        {
            SharedSigning.Sign(local, node, envelopes, signatures);
            return ValueTask.CompletedTask;
        }

        Span<byte> hash = stackalloc byte[Keccak256.HashSize];
        for (var i = 0; i < envelopes.Count; i++) Sign(local, node, envelopes, i, hash, signatures.Span);
        return ValueTask.CompletedTask;
    }

    /// <summary>Signs one of the envelopes.</summary>
    /// <param name="signer">The payer's key.</param>
    /// <param name="node">The node.</param>
    /// <param name="envelopes">All of them.</param>
    /// <param name="i">Its index.</param>
    /// <param name="hash">A buffer of <see cref="Keccak256.HashSize"/> bytes.</param>
    /// <param name="signatures">65 bytes per envelope.</param>
    internal static void Sign(
        PrivateKeySigner signer, uint node, IReadOnlyList<ParsedEnvelope> envelopes, int i, Span<byte> hash, Span<byte> signatures)
    {
        PayerSignature.Hash(node, envelopes[i].Bytes.Span, hash);
        signer.Sign(hash, signatures.Slice(i * PayerEnvelopeWriter.SignatureSize, PayerEnvelopeWriter.SignatureSize));
    }

    // Together, so that a signer that collects what waits signs it with one call.
    private static async ValueTask SignRemoteAsync(
        ISigner signer, uint node, IReadOnlyList<ParsedEnvelope> envelopes, Memory<byte> signatures, CancellationToken cancellationToken)
    {
        for (var from = 0; from < envelopes.Count; from += MaxTogether)
        {
            var signing = new Task[Math.Min(MaxTogether, envelopes.Count - from)];
            for (var i = 0; i < signing.Length; i++)
            {
                var signature = signatures.Slice((from + i) * PayerEnvelopeWriter.SignatureSize, PayerEnvelopeWriter.SignatureSize);
                signing[i] = SignRemoteAsync(signer, node, envelopes[from + i], signature, cancellationToken);
            }

            await Task.WhenAll(signing).ConfigureAwait(false);
        }
    }

    private static async Task SignRemoteAsync(
        ISigner signer, uint node, ParsedEnvelope envelope, Memory<byte> signature, CancellationToken cancellationToken)
    {
        var hash = new byte[Keccak256.HashSize];
        PayerSignature.Hash(node, envelope.Bytes.Span, hash);
        await signer.SignAsync(hash, signature, cancellationToken).ConfigureAwait(false);
    }
}
