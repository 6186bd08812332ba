namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>
/// Which bearer tokens are accepted. Exactly one of <see cref="JwksUrl"/>, <see cref="DiscoveryUrl"/>,
/// <see cref="PublicKey"/> and <see cref="PublicKeyFile"/> provides the keys.
/// </summary>
public sealed class JwtOptions
{
    /// <summary>The value that means "any" in <see cref="Issuer"/> and <see cref="Audience"/>.</summary>
    public const string Any = "*";

    /// <summary>
    /// The algorithms that may be allowed. All are asymmetric, so that the keys to verify a token cannot sign one.
    /// </summary>
    public static readonly IReadOnlyList<string> KnownAlgorithms =
    [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    ];

    /// <summary>The URL of the issuer's keys as a JSON Web Key Set; https, or http on this machine.</summary>
    public Uri? JwksUrl { get; set; }

    /// <summary>
    /// The URL of the issuer's OpenID Connect discovery document, which contains keys and issuer; https, or http on this machine.
    /// </summary>
    public Uri? DiscoveryUrl { get; set; }

    /// <summary>The public keys as PEM text, one or several, or certificates.</summary>
    public string? PublicKey { get; set; }

    /// <summary>A file with such keys, read at start.</summary>
    public string? PublicKeyFile { get; set; }

    /// <summary>
    /// The required <c>iss</c> of tokens. Must be set, unless discovery provides it; <see cref="Any"/> accepts all.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>
    /// The accepted values of <c>aud</c>. Must be set; <see cref="Any"/> accepts all tokens, also those without one.
    /// </summary>
    public IReadOnlyList<string> Audience { get; set; } = [];

    /// <summary>The accepted algorithms, of <see cref="KnownAlgorithms"/>; default RS256 and ES256.</summary>
    public IReadOnlyList<string> Algorithms { get; set; } = ["RS256", "ES256"];

    /// <summary>The max difference of the issuer's clock, 0 to 5 minutes; default 30 s.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The claim with the user; default <c>sub</c>.</summary>
    public string UserClaim { get; set; } = "sub";

    /// <summary>The header with the token, with or without the word <c>Bearer</c>; default <c>authorization</c>.</summary>
    public string Header { get; set; } = "authorization";

    /// <summary>The max age of keys from a URL before they are fetched again; more than zero, default 1 h.</summary>
    public TimeSpan KeysRefresh { get; set; } = TimeSpan.FromHours(1);

    /// <summary>The max number of verified tokens cached until they expire; 0 verifies at each call, default 10,000.</summary>
    public int CacheSize { get; set; } = 10_000;

    /// <summary>Whether keys to verify tokens are configured.</summary>
    public bool IsConfigured => JwksUrl is not null || DiscoveryUrl is not null || PublicKey is not null || PublicKeyFile is not null;

    /// <summary>Whether what a token says is kept for the selection of a payer.</summary>
    internal bool KeepsToken { get; set; }

    /// <summary>
    /// What identities have in front of the user: the issuer and a blank where there are several issuers, whose users may have the same
    /// names. Empty for one.
    /// </summary>
    internal string UserPrefix { get; private set; } = "";

    /// <summary>Whether the program requires tokens, so that a start without keys is a fault.</summary>
    internal bool IsAskedFor { get; set; }

    /// <summary>The same options with another prefix.</summary>
    internal JwtOptions WithPrefix(string prefix)
    {
        var copy = (JwtOptions)MemberwiseClone();
        copy.UserPrefix = prefix;
        return copy;
    }
}
