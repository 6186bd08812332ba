using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Authorization.Limits;

/// <summary>
/// The keys of limits: rule, kind of identity, and a hash of the identity, so that the store does not reveal who publishes.
/// </summary>
internal static class UsageLimitKey
{
    /// <summary>The client's part: its kind and its <see cref="IdentityHash"/>.</summary>
    public static string Of(ClientIdentity identity) => $"{identity.Kind}:{IdentityHash.Of(identity)}";

    /// <summary>The whole key, without the store's prefix.</summary>
    public static string Of(UsageLimit limit, string client) => client.Length == 0 ? limit.Id : $"{limit.Id}:{client}";
}
