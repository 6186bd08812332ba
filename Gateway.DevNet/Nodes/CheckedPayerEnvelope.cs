using Google.Protobuf;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>A payer envelope that a node accepts.</summary>
/// <param name="Bytes">The serialized PayerEnvelope, as received.</param>
/// <param name="Topic">The client envelope's topic.</param>
/// <param name="Payer">The payer who signed it.</param>
/// <param name="TargetOriginator">The target node.</param>
/// <param name="RetentionDays">The retention, in days.</param>
internal sealed record CheckedPayerEnvelope(
    ReadOnlyMemory<byte> Bytes, Topic Topic, EthereumAddress Payer, uint TargetOriginator, uint RetentionDays)
{
    /// <summary>Reads an envelope that was checked before.</summary>
    /// <returns>Null when it is invalid.</returns>
    public static CheckedPayerEnvelope? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            var envelope = PayerEnvelope.Parser.ParseFrom(bytes.Span);
            if (EnvelopeReader.Read(envelope.UnsignedClientEnvelope.Memory, 0, out var client) is not null
                || !TryRecover(envelope, out var payer))
            {
                return null;
            }
            return new CheckedPayerEnvelope(bytes, client!.Topic, payer, envelope.TargetOriginator, envelope.MessageRetentionDays);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>Recovers the payer who signed a payer envelope.</summary>
    /// <returns>False when there is no signature or an invalid one.</returns>
    public static bool TryRecover(PayerEnvelope envelope, out EthereumAddress payer)
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
}
