using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Identity.Jwt;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Those that verify tokens, each for one issuer: of <c>--auth.jwt.*</c>, and of the payers file. Immutable.</summary>
/// <param name="byKey">The verifiers, by what they were made from.</param>
internal sealed class TokenVerifiers(IReadOnlyList<(string Key, JwtIdentityResolver Verifier)> byKey)
{
    /// <summary>All of them.</summary>
    internal List<JwtIdentityResolver> All { get; } = [.. byKey.Select(one => one.Verifier)];

    /// <summary>The headers with tokens.</summary>
    internal IReadOnlyList<string> Headers { get; } =
        [.. byKey.Select(one => one.Verifier.Header).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The verifier that was made from the same; null for none.</summary>
    internal JwtIdentityResolver? Find(string key) => byKey.FirstOrDefault(one => one.Key == key).Verifier;
}

/// <summary>Makes the verifiers of a payers file.</summary>
internal sealed class TokenVerifierFactory(
    IOptions<JwtOptions> own, SettingTable table, TimeProvider time, ILoggerFactory logs, IMeterFactory meters)
{
    private readonly JwtSettings _settings = table.Group<JwtSettings>();

    /// <summary>Makes them. One whose issuer is as before stays, with its keys and the tokens that it knows.</summary>
    internal TokenVerifiers Of(PayersDocument document, TokenVerifiers? before)
    {
        var issuers = PayersIdentityResolver.OptionsOf(document, _settings);
        List<(string Key, JwtIdentityResolver)> all = [];
        if (own.Value.IsConfigured) all.Add(Make("", own.Value, document.Issuers.Count > 0, before));
        foreach (var (key, options) in issuers) all.Add(Make(key, options, issuers.Count > 1 || own.Value.IsConfigured, before));
        return new TokenVerifiers(all);
    }

    /// <summary>The issuers that are verified with a file; null for that of a discovery document.</summary>
    internal IReadOnlyList<string?> IssuersWith(PayersDocument document)
    {
        var issuers = PayersIdentityResolver.OptionsOf(document, _settings).Select(one => one.Options.Issuer);
        return [.. own.Value.IsConfigured ? issuers.Prepend(own.Value.Issuer) : issuers];
    }

    private (string, JwtIdentityResolver) Make(string key, JwtOptions options, bool areSeveral, TokenVerifiers? before)
    {
        // An issuer has no blanks, so that no user of another one gets the same name.
        var prefix = areSeveral ? (options.Issuer ?? "discovered") + " " : "";
        key = $"{prefix}{key}";
        return (key, before?.Find(key) ?? new JwtIdentityResolver(Options.Create(options.WithPrefix(prefix)), time, logs, meters));
    }
}
