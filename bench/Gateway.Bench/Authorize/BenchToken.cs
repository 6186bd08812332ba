using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Xmtp.Gateway.Bench.Authorize;

/// <summary>A returning user's token, and the flags with which a gateway accepts it.</summary>
internal sealed record BenchToken(string Text, string[] Flags)
{
    public static BenchToken Create() => Create("alice").Single();

    /// <summary>Creates a token for each of these users, all by one issuer: the flags are the same.</summary>
    public static IReadOnlyList<BenchToken> Create(params IReadOnlyList<string> users) => Create(users, []);

    /// <summary>Creates a token for each of these users, in which a claim besides names what the user belongs to.</summary>
    /// <param name="users">The users.</param>
    /// <param name="claims">For each of them the claim and its value; none for tokens without one.</param>
    public static IReadOnlyList<BenchToken> Create(IReadOnlyList<string> users, IReadOnlyList<(string Claim, string Value)> claims)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        string[] flags =
            ["--auth.jwt.public-key=" + key.ExportSubjectPublicKeyInfoPem(), "--auth.jwt.issuer=bench", "--auth.jwt.audience=bench"];
        return [.. users.Select((user, i) => new BenchToken(Sign(user, i < claims.Count ? claims[i] : null, key), flags))];
    }

    private static string Sign(string user, (string Name, string Value)? claim, ECDsa key)
    {
        var claims = new Dictionary<string, object> { ["sub"] = user };
        if (claim is var (name, value)) claims[name] = value;
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        // A gateway whose clock is behind accepts it too.
        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "bench",
            Audience = "bench",
            NotBefore = now.AddMinutes(-5),
            Expires = now.AddHours(4),
            Claims = claims,
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key), "ES256"),
        });
    }
}
