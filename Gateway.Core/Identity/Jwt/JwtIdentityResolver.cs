using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>
/// Identifies the client as the user of its bearer token. Without a valid token a call is UNAUTHENTICATED; while no key
/// could be fetched it is UNAVAILABLE.
/// </summary>
/// <remarks>
/// A token's signature is verified once: a verified token is cached by its hash until it expires or the keys change.
/// For a token with an unknown key, newer keys are fetched first, so that callers do not notice a rotation.
/// </remarks>
public sealed class JwtIdentityResolver : IIdentityResolver, IDisposable
{
    /// <summary>The kind of these identities.</summary>
    public const string Kind = "jwt";

    private const string Scheme = "Bearer ";
    private static readonly IdentityResult NoKeys = IdentityResult.Unavailable(
        "tokens cannot be checked now: the issuer's keys are not available", TimeSpan.FromSeconds(10));
    private readonly JwtOptions _options;
    private readonly TimeProvider _time;
    private readonly JwtKeySource _keys;
    private readonly JwtVerifier _verifier;
    private readonly VerifiedTokens _verified;
    private readonly Counter<long>? _checks;
    private readonly IdentityResult _missing;

    /// <summary>Created by the container.</summary>
    /// <exception cref="InvalidOperationException">No keys are configured.</exception>
    public JwtIdentityResolver(IOptions<JwtOptions> options, TimeProvider time, ILoggerFactory logs, IMeterFactory? meters = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options.Value;
        _time = time;
        _checks = meters?.Create("Xmtp.Gateway.Authorization").CreateCounter<long>(
            "xmtp_gateway_jwt_verifications", description: "Token signatures verified; remembered tokens are not verified again");
        if (!_options.IsConfigured)
        {
            throw new InvalidOperationException(
                "JwtIdentityResolver has no keys: set --auth.jwt.jwks-url, --auth.jwt.discovery-url or --auth.jwt.public-key, or " +
                "JwtOptions");
        }
        _keys = new JwtKeySource(options, time, logs.CreateLogger<JwtKeySource>());
        _verifier = new JwtVerifier(options, time);
        _verified = new VerifiedTokens(_options.CacheSize);
        _keys.Changed += _verified.Clear;
        _missing = IdentityResult.Unauthenticated($"a bearer token is required in the header {_options.Header}");
    }

    /// <inheritdoc/>
    public ValueTask<IdentityResult> ResolveAsync(HttpContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var header = context.Request.Headers[_options.Header];
        if (header.Count != 1 || string.IsNullOrWhiteSpace(header[0])) return ValueTask.FromResult(_missing);
        var token = Token(header[0].AsSpan());
        var hash = VerifiedTokens.Hash(token);
        return _verified.Find(hash, _keys.Current, _time.GetUtcNow()) is { } known
            ? ValueTask.FromResult(known)
            : VerifyAsync(token.ToString(), hash, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    /// <summary>How it verifies tokens, and with which keys.</summary>
    internal JwtOptions Options => _options;

    /// <summary>The issuer whose tokens it accepts; <see cref="JwtOptions.Any"/>, or null for that of the discovery document.</summary>
    internal string? Issuer => _options.Issuer;

    /// <summary>The header with the token.</summary>
    internal string Header => _options.Header;

    /// <summary>Whether a token was verified before, by its hash.</summary>
    internal bool Knows(UInt128 hash) => _verified.Find(hash, _keys.Current, _time.GetUtcNow()) is not null;

    /// <summary>The token in the value of a header.</summary>
    internal static ReadOnlySpan<char> Token(ReadOnlySpan<char> header)
    {
        header = header.Trim();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : header;
    }

    private async ValueTask<IdentityResult> VerifyAsync(string token, UInt128 hash, CancellationToken cancellationToken)
    {
        if (await _keys.GetAsync(cancellationToken).ConfigureAwait(false) is not { } known) return NoKeys;
        var verdict = await CheckAsync(token, known).ConfigureAwait(false);
        if (verdict.IsKeyUnknown && await _keys.GetNewerAsync(known, cancellationToken).ConfigureAwait(false) is { } newer)
            verdict = await CheckAsync(token, known = newer).ConfigureAwait(false);
        // The keys changed in the meantime: only the current ones count.
        while (verdict.User is not null && _keys.Current is { } current && !ReferenceEquals(current, known))
            verdict = await CheckAsync(token, known = current).ConfigureAwait(false);
        if (verdict.User is not { } user) return IdentityResult.Unauthenticated(verdict.Reason!);
        var identity = IdentityResult.Known(new ClientIdentity(Kind, _options.UserPrefix + user), verdict.Token);
        _verified.Add(hash, known, identity, verdict.Expires);
        return identity;
    }

    private Task<JwtResult> CheckAsync(string token, JwtKeySet with)
    {
        _checks?.Add(1);
        return _verifier.VerifyAsync(token, with);
    }
}
