using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Xmtp.Gateway.Bench.Authorize;

/// <summary>A returning user's token, and the flags with which a gateway accepts it.</summary>
internal sealed record BenchToken(string Text, string[] Flags)
{
    public static BenchToken Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var text = new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = "bench",
            Audience = "bench",
            NotBefore = now,
            Expires = now.AddHours(4),
            Claims = new Dictionary<string, object> { ["sub"] = "alice" },
            SigningCredentials = new SigningCredentials(new ECDsaSecurityKey(key), "ES256"),
        });
        return new BenchToken(
            text, ["--auth.jwt.public-key=" + key.ExportSubjectPublicKeyInfoPem(), "--auth.jwt.issuer=bench", "--auth.jwt.audience=bench"]);
    }
}
