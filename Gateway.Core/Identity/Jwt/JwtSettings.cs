using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>The settings of which bearer tokens are accepted.</summary>
internal sealed class JwtSettings : SettingGroup<JwtOptions>
{
    private const string Keys = "--auth.jwt.jwks-url (XMTPD_AUTH_JWT_JWKS_URL)";
    private const string KeyFile = "--auth.jwt.public-key-file (XMTPD_AUTH_JWT_PUBLIC_KEY_FILE)";
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(5);

    /// <summary>Creates the settings.</summary>
    public JwtSettings()
        : base("Bearer tokens (JWT)", "Xmtp:Auth:Jwt")
    {
        Add("auth.jwt.jwks-url", "XMTPD_AUTH_JWT_JWKS_URL", "JwksUrl", SettingTypes.HttpUrl, (o, v) => o.JwksUrl = v, null,
            "the issuer's keys as a JSON Web Key Set; only callers with a valid token may publish");
        Add(
            "auth.jwt.discovery-url",
            "XMTPD_AUTH_JWT_DISCOVERY_URL",
            "DiscoveryUrl",
            SettingTypes.HttpUrl,
            (o, v) => o.DiscoveryUrl = v,
            null,
            "the issuer's OpenID Connect discovery document instead: .../.well-known/openid-configuration");
        Add(
            "auth.jwt.public-key",
            "XMTPD_AUTH_JWT_PUBLIC_KEY",
            "PublicKey",
            SettingTypes.Text,
            (o, v) => o.PublicKey = v,
            null,
            "the issuer's public keys as PEM text instead");
        Add(
            "auth.jwt.public-key-file",
            "XMTPD_AUTH_JWT_PUBLIC_KEY_FILE",
            "PublicKeyFile",
            SettingTypes.Text,
            (o, v) => o.PublicKeyFile = v,
            null,
            "a PEM file with them instead");
        Add("auth.jwt.issuer", "XMTPD_AUTH_JWT_ISSUER", "Issuer", SettingTypes.Text, (o, v) => o.Issuer = v, null,
            "the iss that tokens must have; * takes any. Required, unless discovery names it");
        Add("auth.jwt.audience", "XMTPD_AUTH_JWT_AUDIENCE", "Audience", SettingTypes.List, (o, v) => o.Audience = v, null,
            "the aud that tokens must have, one of these; * takes any. Required with the keys");
        Add("auth.jwt.algorithms", "XMTPD_AUTH_JWT_ALGORITHMS", "Algorithms", SettingTypes.List, (o, v) => o.Algorithms = v, "RS256,ES256",
            "algorithms that are accepted, of RS, PS and ES with 256, 384, 512");
        Add("auth.jwt.clock-skew", "XMTPD_AUTH_JWT_CLOCK_SKEW", "ClockSkew", SettingTypes.Age, (o, v) => o.ClockSkew = v, "30s",
            "how far the issuer's clock may be off, at most 5m");
        Add(
            "auth.jwt.user-claim",
            "XMTPD_AUTH_JWT_USER_CLAIM",
            "UserClaim",
            SettingTypes.Text,
            (o, v) => o.UserClaim = v,
            "sub",
            "the claim that names the user");
        Add("auth.jwt.header", "XMTPD_AUTH_JWT_HEADER", "Header", SettingTypes.Text, (o, v) => o.Header = v, "authorization",
            "the header that carries the token; Bearer before it may be missing");
        Add(
            "auth.jwt.keys-refresh",
            "XMTPD_AUTH_JWT_KEYS_REFRESH",
            "KeysRefresh",
            SettingTypes.PositiveAge,
            (o, v) => o.KeysRefresh = v,
            "1h",
            "how old keys from a URL may get; an unknown key is looked for at once");
        Add("auth.jwt.cache-size", "XMTPD_AUTH_JWT_CACHE_SIZE", "CacheSize", SettingTypes.Count, (o, v) => o.CacheSize = v, "10000",
            "how many verified tokens are remembered until they expire; 0 verifies the token of every call");
    }

    /// <inheritdoc/>
    protected override void Check(JwtOptions options, ICollection<string> faults)
    {
        if (!options.IsConfigured)
        {
            // A partial configuration would let in everyone whom the missing part was meant to keep out.
            if (options.IsAskedFor || options.Issuer is not null || options.Audience.Count > 0)
            {
                faults.Add(
                    $"{Keys}: tokens are required, but no keys are set to verify them; expected one of jwks-url, discovery-url, " +
                    $"public-key, public-key-file");
            }
            return;
        }

        if (new object?[] { options.JwksUrl, options.DiscoveryUrl, options.PublicKey, options.PublicKeyFile }.Count(
            source => source is not null) > 1)
        {
            faults.Add($"{Keys}: keys are given more than once; expected one of jwks-url, discovery-url, public-key, public-key-file");
        }
        CheckKeys(options, faults);
        if (options.Issuer is null && options.DiscoveryUrl is null)
            faults.Add("--auth.jwt.issuer (XMTPD_AUTH_JWT_ISSUER): it is missing; expected the iss of the tokens, or * for any");
        if (options.Audience.Count == 0)
            faults.Add("--auth.jwt.audience (XMTPD_AUTH_JWT_AUDIENCE): it is missing; expected the aud of the tokens, or * for any");
        if (options.Algorithms.Count == 0 || options.Algorithms.Except(JwtOptions.KnownAlgorithms).Any())
        {
            faults.Add(
                $"--auth.jwt.algorithms (XMTPD_AUTH_JWT_ALGORITHMS): expected some of {string.Join(", ", JwtOptions.KnownAlgorithms)}");
        }
        if (options.ClockSkew > MaxSkew || options.ClockSkew < TimeSpan.Zero)
            faults.Add("--auth.jwt.clock-skew (XMTPD_AUTH_JWT_CLOCK_SKEW): expected 0 to 5m");
    }

    private static void CheckKeys(JwtOptions options, ICollection<string> faults)
    {
        foreach (var (name, url) in new[]
        {
            (Keys, options.JwksUrl),
            ("--auth.jwt.discovery-url (XMTPD_AUTH_JWT_DISCOVERY_URL)", options.DiscoveryUrl),
        })
            if (url is { Scheme: "http", IsLoopback: false })
                faults.Add($"{name}: anybody on the network path could replace the keys; expected https");
        if (options.PublicKey is { } pem && PemKeys.Read(pem) is null)
        {
            faults.Add(
                "--auth.jwt.public-key (XMTPD_AUTH_JWT_PUBLIC_KEY): the value given is wrong; expected PEM of public keys (RSA or " +
                "P-256, P-384, P-521)");
        }
        if (options.PublicKeyFile is not { } file) return;
        if (!File.Exists(file))
            faults.Add($"{KeyFile}: there is no such file; a relative path begins at {Environment.CurrentDirectory}");
        else if (ReadFile(file) is null)
            faults.Add($"{KeyFile}: the file cannot be read as PEM of public keys (RSA or P-256, P-384, P-521)");
    }

    private static IReadOnlyList<Microsoft.IdentityModel.Tokens.SecurityKey>? ReadFile(string file)
    {
        try
        {
            return PemKeys.Read(File.ReadAllText(file));
        }
        catch (Exception exception)
            when (exception is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
