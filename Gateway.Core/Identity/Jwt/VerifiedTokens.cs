using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>
/// Caches verified tokens by their SHA-256, so that a returning user's signature is not verified at each call. Does not
/// store tokens.
/// </summary>
/// <remarks>
/// A token is valid only together with the keys that verified it, so that one with a removed key is not accepted again,
/// whenever its verification began.
/// Two generations: when the young one has half of the capacity it becomes the old one, and the entries of the previous
/// old one are dropped unless they were used since. So the cache is bounded, and nothing has to be swept.
/// </remarks>
internal sealed class VerifiedTokens(int capacity)
{
    private ConcurrentDictionary<UInt128, Entry> _young = new();
    private ConcurrentDictionary<UInt128, Entry> _old = new();

    /// <summary>The identity of a verified token; null when it is not cached, or has expired.</summary>
    public IdentityResult? Find(UInt128 token, JwtKeySet? keys, DateTimeOffset now)
    {
        if (!_young.TryGetValue(token, out var entry))
        {
            if (!_old.TryGetValue(token, out entry)) return null;
            Keep(token, entry);
        }

        return ReferenceEquals(entry.Keys, keys) && now < entry.Expires ? entry.Identity : null;
    }

    /// <summary>Caches a token until it expires.</summary>
    public void Add(UInt128 token, JwtKeySet keys, IdentityResult identity, DateTimeOffset expires)
    {
        if (capacity > 0) Keep(token, new Entry(identity, keys, expires));
    }

    /// <summary>Removes all: the keys changed, and what earlier keys verified is no longer valid.</summary>
    public void Clear()
    {
        _young = new();
        _old = new();
    }

    /// <summary>The hash of a token, its key in the cache.</summary>
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
