using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>What a rule on tokens compares: rules of one shape are looked up together, however many there are.</summary>
/// <param name="HasIssuer">Whether it compares the issuer.</param>
/// <param name="HasAudience">Whether it compares the audience.</param>
/// <param name="Claim">The name of the claim that it compares; null for none.</param>
internal readonly record struct TokenShape(bool HasIssuer, bool HasAudience, string? Claim)
{
    /// <summary>The shape of a rule.</summary>
    internal static TokenShape Of(TokenRule rule) => new(rule.Issuer is not null, rule.Audience is not null, rule.Claim);

    /// <summary>What both shapes compare.</summary>
    internal TokenShape And(TokenShape other) =>
        new(HasIssuer && other.HasIssuer, HasAudience && other.HasAudience, Claim == other.Claim ? Claim : null);

    /// <summary>The part of a rule that this shape compares, as a rule.</summary>
    internal TokenRule PartOf(TokenRule rule) => new(
        HasIssuer ? rule.Issuer : null, HasAudience ? rule.Audience : null, Claim, Claim is null ? null : rule.Value);

    /// <summary>The rules of this shape that a token matches, if they are there: one for each of its audiences.</summary>
    internal IEnumerable<TokenRule> Matching(VerifiedToken token)
    {
        string? value = null;
        if (Claim is not null && (value = token.Claim(Claim)) is null) yield break;
        var issuer = HasIssuer ? token.Issuer : null;
        if (!HasAudience)
        {
            yield return new TokenRule(issuer, null, Claim, value);
            yield break;
        }

        foreach (var audience in token.Audiences) yield return new TokenRule(issuer, audience, Claim, value);
    }
}
