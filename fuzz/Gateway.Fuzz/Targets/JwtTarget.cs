using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// Nobody is identified without a token that the issuer's key signed and that is for this gateway, now, by a check that is written
/// only here. A refusal shows nothing of the token.
/// </summary>
public sealed class JwtTarget : IFuzzTarget, IDisposable
{
    private const string Issuer = "https://issuer.example";
    private const string Audience = "gateway";
    private const string Scheme = "Bearer ";

    private readonly ECDsa _key = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = Bytes.Counted(32) });
    private readonly JwtIdentityResolver _resolver;

    public JwtTarget() => _resolver = new JwtIdentityResolver(
        Options.Create(
            new JwtOptions { PublicKey = _key.ExportSubjectPublicKeyInfoPem(), Issuer = Issuer, Audience = [Audience], CacheSize = 0 }),
        new FixedClock(),
        NullLoggerFactory.Instance);

    public string Name => "jwt";

    public string Summary => "the header with a bearer token, compared with a second check of its signature and claims";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("valid", Bytes.Utf8(Scheme + Sign("""{"alg":"ES256","typ":"JWT"}""", Claims("\"alice\"")))),
        ("valid-user-is-a-number", Bytes.Utf8(Sign("""{"alg":"ES256"}""", Claims("7")))),
        ("none", Bytes.Utf8(Scheme + Encode("""{"alg":"none"}""") + "." + Encode(Claims("\"mallory\"")) + ".")),
        ("shared-secret", Bytes.Utf8(Scheme + Sign("""{"alg":"HS256"}""", Claims("\"mallory\"")))),
        ("expired", Bytes.Utf8(Scheme + Sign("""{"alg":"ES256"}""", $$"""{"iss":"{{Issuer}}","aud":"{{Audience}}","sub":"a","exp":1}"""))),
        ("encrypted", Bytes.Utf8("eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA")),
        ("not-json", Bytes.Utf8(Scheme + "bm90.anNvbg.AAAA")),
    ];

    public IEnumerable<string> Words => [Scheme, "ey", ".", "eyJhbGciOiJFUzI1NiJ9.", "eyJhbGciOiJub25lIn0."];

    public void Run(byte[] input)
    {
        var header = Encoding.Latin1.GetString(input);
        var call = new DefaultHttpContext();
        call.Request.Headers.Authorization = header;
        var result = _resolver.ResolveAsync(call, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (result.Identity is { } identity)
        {
            Expect.Same(JwtIdentityResolver.Kind, identity.Kind, "the kind of the identity");
            CheckToken(TokenOf(header), identity.Value);
            return;
        }

        Expect.Line(result.Refusal!, "the refusal");
        Expect.That(result.RetryAfter is null, "the keys are there");
        foreach (var part in TokenOf(header).Split('.').Where(part => part.Length >= 16))
            Expect.That(!result.Refusal!.Contains(part, StringComparison.Ordinal), "the refusal shows a part of the token");
    }

    public void Dispose()
    {
        _resolver.Dispose();
        _key.Dispose();
    }

    private void CheckToken(string token, string user)
    {
        var parts = token.Split('.');
        Expect.Same(3, parts.Length, "the number of parts");
        Expect.That(
            _key.VerifyData(
                Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256),
            "the issuer's key did not sign it");
        using var payload = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        var claims = payload.RootElement;
        Expect.Same(Issuer, claims.GetProperty("iss").GetString(), "the issuer");
        Expect.Same(Audience, claims.GetProperty("aud").GetString(), "the audience");
        Expect.Same(user, claims.GetProperty("sub").ToString(), "the user");
        Expect.That(claims.GetProperty("exp").GetInt64() > FixedClock.Now.ToUnixTimeSeconds() - 30, "it has expired");
    }

    private static string TokenOf(string header)
    {
        header = header.Trim();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : header;
    }

    private static string Claims(string user) =>
        $$"""{"iss":"{{Issuer}}","aud":"{{Audience}}","sub":{{user}},"exp":{{FixedClock.Now.ToUnixTimeSeconds() + 600}}}""";

    private string Sign(string header, string claims)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));
}
