using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Idempotency;

/// <summary>Identifies an envelope while its result is kept: SHA-256 over the sender's identity and the bytes.</summary>
/// <remarks>
/// Only the same bytes of the same identity and payer are a repetition. On the App Chain only the bytes count: they are public
/// there, and a transaction that a lost process left behind does not contain the identity.
/// <code>
/// 0  4  length of the kind in bytes, little-endian; -1 on the App Chain, where the envelope follows
/// 4  4  length of the value in bytes, little-endian
/// 8  …  kind, value, envelope
///
/// where a gateway has several payers, in front of these
/// 0  4  -2
/// 4  4  length of the payer's name in bytes, little-endian
/// 8  …  the name
/// </code>
/// </remarks>
internal readonly record struct EnvelopeKey
{
    private const int OnChainMark = -1;
    private const int PayerMark = -2;
    private const int Lengths = 2 * sizeof(int);
    private const int MaxSinglePassSize = 2048;
    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;

    private EnvelopeKey(ReadOnlySpan<byte> hash)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(hash);
        _a = words[0];
        _b = words[1];
        _c = words[2];
        _d = words[3];
    }

    /// <summary>The key of one envelope.</summary>
    internal static EnvelopeKey Of(ClientIdentity identity, ParsedEnvelope envelope)
    {
        if (envelope.Destination == Destination.AppChain) return OnChain(envelope.Bytes.Span);
        Span<byte> who = stackalloc byte[MaxSinglePassSize];
        var payer = identity.Payer ?? "";
        var most = (2 * Lengths) + Encoding.UTF8.GetMaxByteCount(payer.Length + identity.Kind.Length + identity.Value.Length);
        if (most > who.Length) who = new byte[most];
        var size = identity.Payer is null ? 0 : Write(who, PayerMark, payer);
        var names = who[size..];
        var kind = Encoding.UTF8.GetBytes(identity.Kind, names[Lengths..]);
        var value = Encoding.UTF8.GetBytes(identity.Value, names[(Lengths + kind)..]);
        BinaryPrimitives.WriteInt32LittleEndian(names, kind);
        BinaryPrimitives.WriteInt32LittleEndian(names[sizeof(int)..], value);
        return Of(who, size + Lengths + kind + value, envelope.Bytes.Span);
    }

    /// <summary>The key of an envelope bound for the App Chain.</summary>
    internal static EnvelopeKey OnChain(ReadOnlySpan<byte> envelope)
    {
        Span<byte> mark = stackalloc byte[MaxSinglePassSize];
        BinaryPrimitives.WriteInt32LittleEndian(mark, OnChainMark);
        return Of(mark, sizeof(int), envelope);
    }

    /// <summary>The key that was stored as bytes.</summary>
    internal static EnvelopeKey Of(Bytes32 kept) => new(kept.ToArray());

    /// <summary>The bytes of the key that are stored with a transaction.</summary>
    internal Bytes32 ToBytes32()
    {
        Span<ulong> words = [_a, _b, _c, _d];
        return new Bytes32(MemoryMarshal.AsBytes(words));
    }

    // The bits of a hash are evenly distributed already.
    /// <inheritdoc/>
    public override int GetHashCode() => (int)_a;

    /// <summary>The key in Base64url: 43 characters.</summary>
    public override string ToString()
    {
        Span<ulong> words = [_a, _b, _c, _d];
        return Base64Url.EncodeToString(MemoryMarshal.AsBytes(words));
    }

    /// <summary>The same as <see cref="ToString"/>, in UTF-8.</summary>
    internal byte[] ToUtf8()
    {
        Span<ulong> words = [_a, _b, _c, _d];
        return Base64Url.EncodeToUtf8(MemoryMarshal.AsBytes(words));
    }

    private static int Write(Span<byte> into, int mark, string name)
    {
        var length = Encoding.UTF8.GetBytes(name, into[Lengths..]);
        BinaryPrimitives.WriteInt32LittleEndian(into, mark);
        BinaryPrimitives.WriteInt32LittleEndian(into[sizeof(int)..], length);
        return Lengths + length;
    }

    // Copied behind its header into one buffer, a typical envelope is hashed in one call; starting a hash costs as much
    // as half a kilobyte.
    private static EnvelopeKey Of(Span<byte> buffer, int head, ReadOnlySpan<byte> envelope)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        if (envelope.TryCopyTo(buffer[head..])) SHA256.HashData(buffer[..(head + envelope.Length)], hash);
        else HashInPieces(buffer[..head], envelope, hash);
        return new EnvelopeKey(hash);
    }

    private static void HashInPieces(ReadOnlySpan<byte> head, ReadOnlySpan<byte> envelope, Span<byte> into)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        hash.AppendData(envelope);
        hash.GetHashAndReset(into);
    }
}
