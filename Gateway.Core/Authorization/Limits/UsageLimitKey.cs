using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// The keys of limits: rule, kind of identity, and a hash of the identity, so that the store does not reveal who publishes.
/// </summary>
internal static class UsageLimitKey
{
    /// <summary>The client's part: its kind and its <see cref="IdentityHash"/>.</summary>
    public static string Of(ClientIdentity identity) => $"{identity.Kind}:{IdentityHash.Of(identity)}";

    /// <summary>The part of what all clients of a payer share: empty, or the payer's name where a gateway has several.</summary>
    public static string OfAll(string? payer) => payer is null ? "" : $"payer:{payer}";

    /// <summary>The whole key, without the store's prefix.</summary>
    public static string Of(UsageLimit limit, string client) => client.Length == 0 ? limit.Id : $"{limit.Id}:{client}";
}
