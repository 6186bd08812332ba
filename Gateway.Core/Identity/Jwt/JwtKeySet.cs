using Microsoft.IdentityModel.Tokens;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>The keys of an issuer at the time when they were fetched.</summary>
/// <param name="Keys">Public keys only.</param>
/// <param name="Issuer">The issuer in the discovery document; null without one.</param>
internal sealed record JwtKeySet(IReadOnlyList<SecurityKey> Keys, string? Issuer)
{
    /// <summary>Whether the other set verifies the same tokens.</summary>
    public bool IsSameAs(JwtKeySet other) =>
        Issuer == other.Issuer
            && Keys.Count == other.Keys.Count
            && Keys.Select(Name).SequenceEqual(other.Keys.Select(Name), StringComparer.Ordinal);

    private static string Name(SecurityKey key) => $"{key.KeyId}|{Convert.ToHexString(key.ComputeJwkThumbprint())}";
}
