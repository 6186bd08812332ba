using Microsoft.IdentityModel.JsonWebTokens;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>What a caller's token says, after its signature, issuer, audience and times were verified.</summary>
/// <remarks>A feature of the call (<c>HttpContext.Features</c>), where the gateway has several payers.</remarks>
public sealed class VerifiedToken
{
    private readonly Dictionary<string, string> _claims;

    internal VerifiedToken(JsonWebToken token, IEnumerable<KeyValuePair<string, object>> claims)
    {
        Issuer = token.Issuer;
        Audiences = [.. token.Audiences];
        _claims = claims.Where(claim => claim.Value is string)
            .ToDictionary(claim => claim.Key, claim => (string)claim.Value, StringComparer.Ordinal);
    }

    /// <summary>The claim <c>iss</c>.</summary>
    public string Issuer { get; }

    /// <summary>The claim <c>aud</c>: one or more.</summary>
    public IReadOnlyList<string> Audiences { get; }

    /// <summary>A claim whose value is a text; null for one that is missing, or is a number, a list or an object.</summary>
    /// <param name="name">The claim's name, compared exactly.</param>
    public string? Claim(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _claims.GetValueOrDefault(name);
    }
}
