using System.Buffers.Binary;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Idempotency;

/// <summary>
/// An originator's envelope without the client's bytes, which a resend contains anyway: about 250 bytes, whatever the
/// size of the envelope.
/// </summary>
/// <remarks>
/// Stored as
/// <code>
/// 0  4  offset of the client's bytes, little-endian; -1 when nothing was left out
/// 4  …  the other bytes
/// </code>
/// References the memory it was created from until it is stored.
/// </remarks>
internal readonly struct PublishedAnswer
{
    private const int Header = 4;
    private const int Whole = -1;
    private readonly ReadOnlyMemory<byte> _before;
    private readonly ReadOnlyMemory<byte> _behind;
    private readonly int _at;

    private PublishedAnswer(ReadOnlyMemory<byte> before, ReadOnlyMemory<byte> behind, int at)
    {
        _before = before;
        _behind = behind;
        _at = at;
    }

    /// <summary>The size in the store, in bytes.</summary>
    internal int StoredLength => Header + _before.Length + _behind.Length;

    /// <summary>The answer to keep of an outcome; null when nothing was published.</summary>
    internal static PublishedAnswer? Of(EnvelopeOutcome outcome, ReadOnlySpan<byte> clientEnvelope) =>
        outcome.IsPublished ? Of(outcome.OriginatorEnvelope, clientEnvelope) : null;

    /// <summary>The answer to an envelope.</summary>
    internal static PublishedAnswer Of(ReadOnlyMemory<byte> originatorEnvelope, ReadOnlySpan<byte> clientEnvelope)
    {
        var at = originatorEnvelope.Span.IndexOf(clientEnvelope);
        return at < 0
            ? new(originatorEnvelope, default, Whole)
            : new(originatorEnvelope[..at], originatorEnvelope[(at + clientEnvelope.Length)..], at);
    }

    /// <summary>Writes the stored form.</summary>
    /// <param name="into">A buffer of <see cref="StoredLength"/> bytes.</param>
    internal void Store(Span<byte> into)
    {
        BinaryPrimitives.WriteInt32LittleEndian(into, _at);
        _before.Span.CopyTo(into[Header..]);
        _behind.Span.CopyTo(into[(Header + _before.Length)..]);
    }

    /// <summary>The stored form behind one more byte.</summary>
    internal byte[] ToStoredBehind(byte mark)
    {
        var stored = GC.AllocateUninitializedArray<byte>(1 + StoredLength);
        stored[0] = mark;
        Store(stored.AsSpan(1));
        return stored;
    }

    /// <summary>Reads the stored form.</summary>
    /// <exception cref="FormatException">The bytes are not in that form.</exception>
    internal static PublishedAnswer Read(byte[] stored) =>
        TryRead(stored, out var answer) ? answer : throw new FormatException("not a stored answer");

    /// <summary>Reads the stored form.</summary>
    /// <returns>False when the bytes are not in that form.</returns>
    internal static bool TryRead(ReadOnlyMemory<byte> stored, out PublishedAnswer answer)
    {
        answer = default;
        if (stored.Length < Header
            || BinaryPrimitives.ReadInt32LittleEndian(stored.Span) is not (>= Whole and var at)
            || at > stored.Length - Header)
        {
            return false;
        }
        var rest = stored[Header..];
        answer = at == Whole ? new(rest, default, at) : new(rest[..at], rest[at..], at);
        return true;
    }

    /// <summary>Restores the originator's envelope.</summary>
    internal byte[] Restore(ReadOnlySpan<byte> clientEnvelope) =>
        _at == Whole ? _before.ToArray() : [.. _before.Span, .. clientEnvelope, .. _behind.Span];
}
