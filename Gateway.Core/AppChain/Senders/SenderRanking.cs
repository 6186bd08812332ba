using System.Buffers.Binary;
using System.Security.Cryptography;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.AppChain.Senders;

/// <summary>
/// The order in which a topic prefers senders (rendezvous hashing): the same in every process, whatever the order of the file. A
/// sender that comes or goes changes the first choice only of the topics that prefer it.
/// </summary>
internal static class SenderRanking
{
    /// <summary>The senders, the first choice of the topic first.</summary>
    internal static Sender[] Of(ReadOnlySpan<byte> topic, IReadOnlyList<Sender> senders)
    {
        var ranked = senders.ToArray();
        var scores = new ulong[ranked.Length];
        for (var i = 0; i < ranked.Length; i++) scores[i] = ulong.MaxValue - Score(topic, ranked[i].Address);
        Array.Sort(scores, ranked);
        return ranked;
    }

    // SHA-256 over address and topic, of which the first 8 bytes count.
    private static ulong Score(ReadOnlySpan<byte> topic, EthereumAddress sender)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(sender.Bytes);
        hash.AppendData(topic);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }
}
