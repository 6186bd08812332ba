using System.Security.Cryptography;
using System.Text;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// The keys of limits: rule, kind of identity, and a hash of the identity, so that the store does not reveal who publishes.
/// </summary>
internal static class UsageLimitKey
{
    private const int HashBytes = 16;

    /// <summary>The client's part: its kind and 128 bits of the SHA-256 of kind and value.</summary>
    public static string Of(ClientIdentity identity)
    {
        var text = identity.Kind + "\0" + identity.Value;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return $"{identity.Kind}:{Convert.ToHexStringLower(hash[..HashBytes])}";
    }

    /// <summary>The whole key, without the store's prefix.</summary>
    public static string Of(UsageLimit limit, string client) => client.Length == 0 ? limit.Id : $"{limit.Id}:{client}";
}
