namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>An identity resolver with several issuers of tokens.</summary>
internal interface ITokenVerifiers
{
    /// <summary>Those that verify tokens now, each for one issuer.</summary>
    IReadOnlyList<JwtIdentityResolver> Verifiers { get; }
}
