using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Xmtp.Gateway.Tests.Identity.Jwt;

/// <summary>An issuer of tokens with a key set on a real port, which it can change, and which can go away.</summary>
public sealed class TokenIssuer : IAsyncDisposable
{
    public const string Name = "https://issuer.example";
    public const string Audience = "my-app";
    private WebApplication? _app;
    private int _fetches;

    public ECDsa Key { get; private set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string KeyId { get; private set; } = "key1";

    public int Port { get; private set; }

    public Uri KeysUrl => new($"http://127.0.0.1:{Port}/keys.json");

    public Uri DiscoveryUrl => new($"http://127.0.0.1:{Port}/.well-known/openid-configuration");

    public int Fetches => Volatile.Read(ref _fetches);

    public string Pem => Key.ExportSubjectPublicKeyInfoPem();

    public static async Task<TokenIssuer> StartAsync()
    {
        var issuer = new TokenIssuer();
        await issuer.ComeBackAsync();
        return issuer;
    }

    public async Task ComeBackAsync()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, Port));
        _app = builder.Build();
        _app.MapGet("/keys.json", () =>
        {
            Interlocked.Increment(ref _fetches);
            return Instead ?? Results.Text(KeySet(), "application/json");
        });
        _app.MapGet("/.well-known/openid-configuration", () => Results.Json(new { issuer = Name, jwks_uri = KeysUrl.AbsoluteUri }));
        await _app.StartAsync(TestContext.Current.CancellationToken);
        Port = new Uri(((IApplicationBuilder)_app).ServerFeatures.Get<IServerAddressesFeature>()!.Addresses.Single()).Port;
    }

    public async Task GoAwayAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>What it answers in place of its keys; null for the keys.</summary>
    public IResult? Instead { get; set; }

    /// <summary>Another key under the same name.</summary>
    public void Replace() => Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Rotate()
    {
        Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        KeyId += "x";
    }

    /// <summary>A token that is good unless it is told otherwise.</summary>
    public string Token(
        string? user = "alice",
        DateTimeOffset? now = null,
        TimeSpan? lasts = null,
        TimeSpan? begins = null,
        string issuer = Name,
        string audience = Audience,
        SigningCredentials? sign = null,
        IEnumerable<(string Name, object Value)>? more = null)
    {
        var at = (now ?? TimeProvider.System.GetUtcNow()).UtcDateTime;
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer,
            Audience = audience,
            NotBefore = at + (begins ?? TimeSpan.Zero),
            Expires = lasts == Timeout.InfiniteTimeSpan ? null : at + (lasts ?? TimeSpan.FromMinutes(10)),
            Claims = Claims(user, more ?? []),
            SigningCredentials = sign ?? new SigningCredentials(new ECDsaSecurityKey(Key) { KeyId = KeyId }, "ES256"),
        });
    }

    private static Dictionary<string, object> Claims(string? user, IEnumerable<(string Name, object Value)> more)
    {
        var claims = more.ToDictionary(claim => claim.Name, claim => claim.Value);
        if (user is not null) claims["sub"] = user;
        if (user is not null) claims["uid"] = user + "2";
        return claims;
    }

    /// <summary>alg none: no signature at all.</summary>
    public static string Unsigned(string token)
    {
        var header = Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""");
        return $"{header}.{token.Split('.')[1]}.";
    }

    /// <summary>The public key as everybody has it, used as if it were a shared secret.</summary>
    public SigningCredentials PublicKeyAsSecret() =>
        new(
            new SymmetricSecurityKey(System.Text.Encoding.UTF8.GetBytes(Pem))
            {
                KeyId = KeyId,
                CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
            },
            "HS256");

    public ValueTask DisposeAsync() => new(GoAwayAsync());

    private string KeySet()
    {
        var point = Key.ExportParameters(false).Q;
        return JsonSerializer.Serialize(new
        {
            keys = new object[]
            {
                new
                {
                    kty = "EC", crv = "P-256", use = "sig", kid = KeyId, x = Base64UrlEncoder.Encode(point.X),
                    y = Base64UrlEncoder.Encode(point.Y),
                },
                new { kty = "oct", kid = "secret", k = Base64UrlEncoder.Encode(new byte[32]) },
            },
        });
    }
}
