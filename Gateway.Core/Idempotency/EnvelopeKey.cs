using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Idempotency;

/// <summary>Names an envelope for as long as its result is remembered: SHA-256 over where it goes, who sent it, and its bytes.</summary>
/// <remarks>
/// Only the same bytes of the same identity are a repetition. On the App Chain the bytes alone count: what is there is
/// public, and the transaction that a lost process left behind names no identity.
/// </remarks>
internal readonly record struct EnvelopeKey
{
    private const int HashSize = SHA256.HashSizeInBytes;
    private readonly ulong a;
    private readonly ulong b;
    private readonly ulong c;
    private readonly ulong d;

    private EnvelopeKey(ReadOnlySpan<byte> hash)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(hash);
        (a, b, c, d) = (words[0], words[1], words[2], words[3]);
    }

    /// <summary>The keys of a request's envelopes.</summary>
    internal static EnvelopeKey[] Of(ClientIdentity identity, IReadOnlyList<ParsedEnvelope> envelopes)
    {
        var keys = new EnvelopeKey[envelopes.Count];
        Span<byte> who = stackalloc byte[HashSize];
        // The length keeps the kind and the value apart.
        SHA256.HashData(Encoding.UTF8.GetBytes($"{identity.Kind.Length}:{identity.Kind}{identity.Value}"), who);
        for (var i = 0; i < keys.Length; i++)
            keys[i] = envelopes[i].Destination == Destination.AppChain ? OnChain(envelopes[i].Bytes.Span) : Of(who, envelopes[i].Bytes.Span);
        return keys;
    }

    /// <summary>The key of an envelope bound for the App Chain.</summary>
    internal static EnvelopeKey OnChain(ReadOnlySpan<byte> envelope) => Of(stackalloc byte[HashSize], envelope);

    /// <summary>43 characters.</summary>
    public override string ToString()
    {
        Span<ulong> words = [a, b, c, d];
        return System.Buffers.Text.Base64Url.EncodeToString(MemoryMarshal.AsBytes(words));
    }

    private static EnvelopeKey Of(ReadOnlySpan<byte> who, ReadOnlySpan<byte> envelope)
    {
        Span<byte> both = stackalloc byte[2 * HashSize];
        who.CopyTo(both);
        SHA256.HashData(envelope, both[HashSize..]);
        Span<byte> hash = stackalloc byte[HashSize];
        SHA256.HashData(both, hash);
        return new EnvelopeKey(hash);
    }
}
