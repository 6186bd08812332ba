using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>
/// Tokens that were verified, by their SHA-256: a returning user's signature is not checked at each call. No token is
/// kept.
/// </summary>
/// <remarks>
/// A token counts only together with the keys that verified it, so that one of a key that is gone is not believed again,
/// whenever its verification began.
/// Two generations: when the young one is half of the bound it becomes the old one, and what the old one had is
/// forgotten, unless it was asked for since. So it is bounded, and nothing has to be swept.
/// </remarks>
internal sealed class VerifiedTokens(int capacity)
{
    private ConcurrentDictionary<UInt128, Entry> _young = new();
    private ConcurrentDictionary<UInt128, Entry> _old = new();

    /// <summary>Who a verified token stands for; null when it is unknown here, or has expired.</summary>
    public IdentityResult? Find(UInt128 token, JwtKeySet? keys, DateTimeOffset now)
    {
        if (!_young.TryGetValue(token, out var entry))
        {
            if (!_old.TryGetValue(token, out entry)) return null;
            Keep(token, entry);
        }

        return ReferenceEquals(entry.Keys, keys) && now < entry.Expires ? entry.Identity : null;
    }

    /// <summary>Remembers a token until it expires.</summary>
    public void Add(UInt128 token, JwtKeySet keys, IdentityResult identity, DateTimeOffset expires)
    {
        if (capacity > 0) Keep(token, new Entry(identity, keys, expires));
    }

    /// <summary>Forgets all: the keys changed, and what others verified is of no use.</summary>
    public void Clear()
    {
        _young = new();
        _old = new();
    }

    /// <summary>The name of a token here.</summary>
    public static UInt128 Hash(ReadOnlySpan<char> token)
    {
        Span<byte> bytes = token.Length <= 4096
            ? stackalloc byte[Encoding.UTF8.GetMaxByteCount(token.Length)]
            : new byte[Encoding.UTF8.GetMaxByteCount(token.Length)];
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..Encoding.UTF8.GetBytes(token, bytes)], hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    private void Keep(UInt128 token, Entry entry)
    {
        _young[token] = entry;
        if (_young.Count < Math.Max(1, capacity / 2)) return;
        lock (this)
        {
            if (_young.Count < Math.Max(1, capacity / 2)) return;
            _old = _young;
            _young = new();
        }
    }

    private readonly record struct Entry(IdentityResult Identity, JwtKeySet Keys, DateTimeOffset Expires);
}
