using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>Verifies a token completely: algorithm, signature, issuer, audience, times, and the user claim.</summary>
internal sealed class JwtVerifier(IOptions<JwtOptions> options, TimeProvider time)
{
    private const int MaxTokenLength = 16 * 1024;
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaxTokenLength, MapInboundClaims = false };
    private readonly JwtOptions _options = options.Value;

    /// <summary>Verifies a token.</summary>
    /// <returns>
    /// The user and until when the token is valid, skew included; or why it is not. The reason contains nothing of the token.
    /// </returns>
    public async Task<JwtResult> VerifyAsync(string token, JwtKeySet keys)
    {
        if (Algorithm(token) is not { } algorithm) return new JwtResult(null, default, "this is not a signed JSON Web Token", false);
        if (!_options.Algorithms.Contains(algorithm))
        {
            // This one common algorithm that cannot be allowed is named, so that users do not search for the fault elsewhere.
            var what = algorithm is "EdDSA" or "Ed25519"
                ? $"the token is signed with {algorithm}, which the gateway does not verify"
                : "the token's algorithm is not allowed";
            return new JwtResult(null, default, $"{what}; expected {string.Join(", ", _options.Algorithms)}", false);
        }

        var result = await _handler.ValidateTokenAsync(token, Rules(keys)).ConfigureAwait(false);
        if (!result.IsValid)
            return new JwtResult(null, default, Reason(result.Exception), result.Exception is SecurityTokenInvalidSignatureException);
        var user = result.Claims.TryGetValue(_options.UserClaim, out var claim)
            ? claim as string ?? (claim is long or int ? claim.ToString() : null)
            : null;
        return string.IsNullOrEmpty(user)
            ? new JwtResult(null, default, $"the token has no claim {_options.UserClaim}", false)
            : new JwtResult(user, new DateTimeOffset(result.SecurityToken.ValidTo, TimeSpan.Zero) + _options.ClockSkew, null, false)
            {
                Token = _options.KeepsToken ? new VerifiedToken((JsonWebToken)result.SecurityToken, result.Claims) : null,
            };
    }

    // Checked first, and here: "none", or a public key used as a shared secret, never gets near a key.
    private string? Algorithm(string token)
    {
        try
        {
            return _handler.CanReadToken(token) ? _handler.ReadJsonWebToken(token).Alg : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return null;
        }
    }

    private TokenValidationParameters Rules(JwtKeySet keys) => new()
    {
        IssuerSigningKeys = keys.Keys,
        ValidAlgorithms = _options.Algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        TryAllIssuerSigningKeys = true,
        ValidateIssuer = _options.Issuer != JwtOptions.Any,
        ValidIssuer = _options.Issuer ?? keys.Issuer,
        ValidateAudience = !_options.Audience.Contains(JwtOptions.Any),
        ValidAudiences = _options.Audience,
        ValidateLifetime = true,
        LifetimeValidator = IsInTime,
    };

    private bool IsInTime(DateTime? notBefore, DateTime? expires, SecurityToken token, TokenValidationParameters rules)
    {
        var now = time.GetUtcNow().UtcDateTime;
        if (expires is not { } end) throw new SecurityTokenNoExpirationException();
        if (now >= end + _options.ClockSkew) throw new SecurityTokenExpiredException();
        if (notBefore is { } begin && now < begin - _options.ClockSkew) throw new SecurityTokenNotYetValidException();
        return true;
    }

    private static string Reason(Exception? exception) => exception switch
    {
        SecurityTokenExpiredException => "the token has expired",
        SecurityTokenNotYetValidException => "the token is not valid yet",
        SecurityTokenNoExpirationException => "the token never expires",
        SecurityTokenInvalidAudienceException => "the token is for another audience",
        SecurityTokenInvalidIssuerException => "the token is of another issuer",
        SecurityTokenMalformedException or ArgumentException => "this is not a signed JSON Web Token",
        _ => "the token's signature is not the issuer's",
    };
}

/// <summary>The result of verifying a token.</summary>
/// <param name="User">The user; null when the token is not valid.</param>
/// <param name="Expires">When it stops being valid.</param>
/// <param name="Reason">Why it is not valid.</param>
/// <param name="IsKeyUnknown">
/// Whether its key is unknown, or a different one with the same id, so that newer keys may help.
/// </param>
internal readonly record struct JwtResult(string? User, DateTimeOffset Expires, string? Reason, bool IsKeyUnknown)
{
    /// <summary>What it says; null when it is not valid, or nobody asks.</summary>
    internal VerifiedToken? Token { get; init; }
}
