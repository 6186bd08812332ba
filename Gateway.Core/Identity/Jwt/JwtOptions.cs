namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>
/// Which bearer tokens are believed. Exactly one of <see cref="JwksUrl"/>, <see cref="DiscoveryUrl"/>,
/// <see cref="PublicKey"/> and <see cref="PublicKeyFile"/> says with which keys.
/// </summary>
public sealed class JwtOptions
{
    /// <summary>The word that stands for "any" in <see cref="Issuer"/> and <see cref="Audience"/>.</summary>
    public const string Any = "*";

    /// <summary>The algorithms that may be allowed. All of them are asymmetric: nobody who can verify a token can make one.</summary>
    public static readonly IReadOnlyList<string> KnownAlgorithms =
    [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    ];

    /// <summary>Where the issuer publishes its keys as a JSON Web Key Set; https, or http on this machine.</summary>
    public Uri? JwksUrl { get; set; }

    /// <summary>The issuer's OpenID Connect discovery document, which names keys and issuer; https, or http on this machine.</summary>
    public Uri? DiscoveryUrl { get; set; }

    /// <summary>The public keys as PEM text, one or several, or certificates.</summary>
    public string? PublicKey { get; set; }

    /// <summary>A file with the same, read at start.</summary>
    public string? PublicKeyFile { get; set; }

    /// <summary>The <c>iss</c> that tokens must have. Required, unless discovery names it; <see cref="Any"/> takes all.</summary>
    public string? Issuer { get; set; }

    /// <summary>
    /// The <c>aud</c> that tokens must have, any one of these. Required; <see cref="Any"/> takes all, also tokens
    /// without one.
    /// </summary>
    public IReadOnlyList<string> Audience { get; set; } = [];

    /// <summary>The algorithms that are believed, of <see cref="KnownAlgorithms"/>; default RS256 and ES256.</summary>
    public IReadOnlyList<string> Algorithms { get; set; } = ["RS256", "ES256"];

    /// <summary>How far the issuer's clock may be off, 0 to 5 minutes; default 30 s.</summary>
    public TimeSpan ClockSkew { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The claim that names the user; default <c>sub</c>.</summary>
    public string UserClaim { get; set; } = "sub";

    /// <summary>The header that carries the token, with or without the word <c>Bearer</c>; default <c>authorization</c>.</summary>
    public string Header { get; set; } = "authorization";

    /// <summary>How old keys from a URL may get before they are fetched again; more than zero, default 1 h.</summary>
    public TimeSpan KeysRefresh { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How many verified tokens are remembered until they expire; 0 verifies each call anew, default 10,000.</summary>
    public int CacheSize { get; set; } = 10_000;

    /// <summary>Whether there is something to verify tokens with.</summary>
    public bool IsConfigured => JwksUrl is not null || DiscoveryUrl is not null || PublicKey is not null || PublicKeyFile is not null;

    /// <summary>Whether the program believes tokens alone, so that a start without keys is a fault.</summary>
    internal bool IsAskedFor { get; set; }
}
