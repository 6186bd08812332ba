using Google.Protobuf;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.DevNet.Nodes;

/// <summary>A payer envelope that a node takes.</summary>
/// <param name="Bytes">The serialized PayerEnvelope, as it came.</param>
/// <param name="Topic">The client envelope's topic.</param>
/// <param name="Payer">Who signed it.</param>
/// <param name="TargetOriginator">The node that it is for.</param>
/// <param name="RetentionDays">How long it is to be kept.</param>
internal sealed record CheckedPayerEnvelope(
    ReadOnlyMemory<byte> Bytes, Topic Topic, EthereumAddress Payer, uint TargetOriginator, uint RetentionDays)
{
    /// <summary>Reads one that was checked before.</summary>
    /// <returns>Null when it is none.</returns>
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

    /// <summary>Who signed a payer envelope.</summary>
    /// <returns>False when there is no signature, or none that a key can have made.</returns>
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
