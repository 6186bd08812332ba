using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Identifies callers by the tokens of several issuers, each of which is verified with the keys of its own issuer alone; by the
/// address where there are no tokens, or where a key or the address names the payer.
/// </summary>
/// <remarks>
/// The issuer that a token names only decides whose keys verify it: those keys then have to have signed that issuer's name. So no issuer
/// can speak for another, whatever users or claims both have.
/// </remarks>
internal sealed class PayersIdentityResolver(
    TokenVerifierFactory factory,
    ClientAddressIdentityResolver addresses,
    PayerSet payers,
    IOptions<ClientAddressOptions> proxies)
    : IIdentityResolver, ITokenVerifiers, IDisposable
{
    private const int MaxTokenLength = 16 * 1024;
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = MaxTokenLength };
    private volatile TokenVerifiers _tokens = factory.Of(payers.Reading.Document, null);

    /// <inheritdoc/>
    public IReadOnlyList<JwtIdentityResolver> Verifiers => _tokens.All;

    /// <inheritdoc/>
    public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        // A caller that is known without a token must not have that of an earlier call.
        context.Features.Set<VerifiedToken>(null);
        var tokens = _tokens;
        if (tokens.All.Count == 0) return addresses.ResolveAsync(context, cancellationToken);
        if (VerifierOf(context, tokens) is { } verifier) return verifier.ResolveAsync(context, cancellationToken);
        return payers.Rules.KnowWithoutToken(context.Request.Headers, ForwardedFor.Client(context, proxies.Value.TrustedProxies))
            ? addresses.ResolveAsync(context, cancellationToken)
            : tokens.All[0].ResolveAsync(context, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var one in _tokens.All) one.Dispose();
    }

    /// <summary>Takes over the issuers of a changed file. What is being verified ends with the keys with which it began.</summary>
    internal void Use(PayersDocument document) => _tokens = factory.Of(document, _tokens);

    /// <summary>The issuers that are verified with a file; null for that of a discovery document.</summary>
    internal IReadOnlyList<string?> IssuersWith(PayersDocument document) => factory.IssuersWith(document);

    /// <summary>Reads the options of the file's issuers, without those that have faults.</summary>
    /// <returns>Each with a text that is the same for an issuer with the same settings.</returns>
    internal static List<(string Key, JwtOptions Options)> OptionsOf(
        PayersDocument document, JwtSettings settings, ICollection<string>? faults = null)
    {
        List<(string Key, JwtOptions Options)> all = [];
        foreach (var (place, values) in document.Issuers)
        {
            List<string> found = [];
            var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
            var options = settings.ReadChecked(configuration, found);
            foreach (var fault in found) faults?.Add($"{place}: {PayerSettings.WithMember(settings, fault)}");
            options.KeepsToken = true;
            if (found.Count > 0 || options.Issuer is null) continue;
            all.Add((string.Join('\n', values.OrderBy(one => one.Key, StringComparer.Ordinal)), options));
        }

        return all;
    }

    // The one whose issuer the call's token names; null when the call has no token.
    private JwtIdentityResolver? VerifierOf(HttpContext call, TokenVerifiers tokens)
    {
        foreach (var header in tokens.Headers)
        {
            if (!call.Request.Headers.TryGetValue(header, out var values) || values.Count == 0) continue;
            var all = tokens.All.Where(one => string.Equals(one.Header, header, StringComparison.OrdinalIgnoreCase)).ToList();
            return all.Count == 1 || values.Count > 1 || string.IsNullOrWhiteSpace(values[0]) ? all[0] : VerifierOf(values[0]!, all);
        }

        return null;
    }

    private JwtIdentityResolver VerifierOf(string header, List<JwtIdentityResolver> all)
    {
        var token = JwtIdentityResolver.Token(header);
        var hash = VerifiedTokens.Hash(token);
        if (all.Find(one => one.Knows(hash)) is { } known) return known;
        var issuer = IssuerOf(token.ToString());
        return all.Find(one => string.Equals(one.Issuer, issuer, StringComparison.Ordinal))
            ?? all.Find(one => one.Issuer is null or JwtOptions.Any)
            ?? all[0];
    }

    // Not verified: it only selects the keys.
    private string? IssuerOf(string token)
    {
        try
        {
            return token.Length <= MaxTokenLength && _handler.CanReadToken(token) ? _handler.ReadJsonWebToken(token).Issuer : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException or JsonException)
        {
            return null;
        }
    }
}
