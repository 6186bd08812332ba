using System.Buffers.Binary;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Idempotency;

/// <summary>An originator's answer without the client's own bytes, which whoever repeats the publish brings along: some 250 bytes whatever the size of the envelope.</summary>
/// <remarks>Stored as <c>position(4, little-endian, -1 when nothing was left out)  the other bytes</c>.</remarks>
internal readonly struct PublishedAnswer
{
    private const int Header = 4;
    private readonly byte[] stored;

    private PublishedAnswer(byte[] stored) => this.stored = stored;

    /// <summary>What a store keeps.</summary>
    internal ReadOnlyMemory<byte> Stored => stored;

    /// <summary>What to remember of an outcome; null when nothing was published.</summary>
    internal static PublishedAnswer? Of(EnvelopeOutcome outcome, ReadOnlySpan<byte> clientEnvelope) =>
        outcome.IsPublished ? Of(outcome.OriginatorEnvelope.Span, clientEnvelope) : null;

    /// <summary>The answer to an envelope.</summary>
    internal static PublishedAnswer Of(ReadOnlySpan<byte> originatorEnvelope, ReadOnlySpan<byte> clientEnvelope)
    {
        var at = originatorEnvelope.IndexOf(clientEnvelope);
        var left = at < 0 ? originatorEnvelope.Length : originatorEnvelope.Length - clientEnvelope.Length;
        var stored = new byte[Header + left];
        BinaryPrimitives.WriteInt32LittleEndian(stored, at);
        if (at < 0)
        {
            originatorEnvelope.CopyTo(stored.AsSpan(Header));
            return new PublishedAnswer(stored);
        }

        originatorEnvelope[..at].CopyTo(stored.AsSpan(Header));
        originatorEnvelope[(at + clientEnvelope.Length)..].CopyTo(stored.AsSpan(Header + at));
        return new PublishedAnswer(stored);
    }

    /// <summary>Reads what a store kept.</summary>
    /// <returns>False when it is not that.</returns>
    internal static bool TryRead(byte[] stored, out PublishedAnswer answer)
    {
        answer = new PublishedAnswer(stored);
        return stored.Length >= Header && BinaryPrimitives.ReadInt32LittleEndian(stored) is >= -1 and var at && at <= stored.Length - Header;
    }

    /// <summary>The originator's envelope as it first came.</summary>
    internal byte[] Restore(ReadOnlySpan<byte> clientEnvelope)
    {
        var at = BinaryPrimitives.ReadInt32LittleEndian(stored);
        var rest = stored.AsSpan(Header);
        return at < 0 ? rest.ToArray() : [.. rest[..at], .. clientEnvelope, .. rest[at..]];
    }
}
