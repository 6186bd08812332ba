using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.Tokens;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>Reads public keys from PEM text: <c>PUBLIC KEY</c>, <c>RSA PUBLIC KEY</c>, <c>CERTIFICATE</c>, one or several.</summary>
internal static class PemKeys
{
    /// <summary>
    /// Reads all keys, also when line ends are written as <c>\n</c> or the whole text is quoted, as in variables; null
    /// when there is none, or one that is not an RSA or NIST curve key, or a private key.
    /// </summary>
    public static IReadOnlyList<SecurityKey>? Read(string text)
    {
        var keys = new List<SecurityKey>();
        var rest = Lines(text).AsSpan();
        while (PemEncoding.TryFind(rest, out var fields))
        {
            if (ReadOne(rest[fields.Label].ToString(), rest[fields.Location].ToString()) is not { } key) return null;
            keys.Add(key);
            rest = rest[fields.Location.End..];
        }

        return keys.Count > 0 ? keys : null;
    }

    private static string Lines(string text) =>
        text.Trim().Trim('"', '\'').Replace("\\r", "", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal);

    private static SecurityKey? ReadOne(string label, string pem)
    {
        try
        {
            return label switch
            {
                "CERTIFICATE" => new X509SecurityKey(X509Certificate2.CreateFromPem(pem)),
                "RSA PUBLIC KEY" => Rsa(pem),
                "PUBLIC KEY" => (SecurityKey?)Curve(pem) ?? Rsa(pem),
                _ => null,
            };
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            return null;
        }
    }

    private static RsaSecurityKey Rsa(string pem)
    {
        var rsa = RSA.Create();
        rsa.ImportFromPem(pem);
        return new RsaSecurityKey(rsa);
    }

    private static ECDsaSecurityKey? Curve(string pem)
    {
        var curve = ECDsa.Create();
        try
        {
            curve.ImportFromPem(pem);
            return new ECDsaSecurityKey(curve);
        }
        catch (CryptographicException)
        {
            curve.Dispose();
            return null;
        }
    }
}
