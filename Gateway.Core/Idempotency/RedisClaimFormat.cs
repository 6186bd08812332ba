using System.Buffers.Text;
using System.Text;
using StackExchange.Redis;

namespace Xmtp.Gateway.Idempotency;

/// <summary>The keys of envelopes in the shared store, and their values; see <see cref="RedisPublishedScripts"/>.</summary>
/// <param name="keyPrefix">The prefix of every key.</param>
internal sealed class RedisClaimFormat(string keyPrefix)
{
    /// <summary>The first byte of the value of a published envelope; its answer follows.</summary>
    internal const byte Answered = (byte)'d';

    private const int MaxDigits = 20;
    private readonly RedisKey _prefix = Encoding.UTF8.GetBytes(keyPrefix);
    private readonly byte[] _claim = Encoding.ASCII.GetBytes($"c{Guid.NewGuid():N}:");

    /// <summary>The beginning of every claim.</summary>
    internal static RedisValue Claimed { get; } = "c";

    /// <summary>The value of a published envelope whose answer is kept on another server.</summary>
    internal static RedisValue Published { get; } = "p";

    /// <summary>The key of an envelope.</summary>
    internal RedisKey KeyOf(EnvelopeKey key) => ((RedisKey)key.ToUtf8()).Prepend(_prefix);

    /// <summary>The value of an envelope that an owner in this process has claimed.</summary>
    internal RedisValue ClaimOf(ulong owner)
    {
        Span<byte> claim = stackalloc byte[_claim.Length + MaxDigits];
        _claim.CopyTo(claim);
        Utf8Formatter.TryFormat(owner, claim[_claim.Length..], out var digits);
        return claim[..(_claim.Length + digits)].ToArray();
    }
}
