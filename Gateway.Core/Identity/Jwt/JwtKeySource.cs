using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>Holds the issuer's keys: read once from PEM, or fetched repeatedly from a URL.</summary>
/// <remarks>
/// Keys from a URL are fetched at first use, in the background when they are old, and at once when a token has an
/// unknown key, but at most once per <see cref="MinInterval"/>, so that forged tokens cause no flood of fetches. One
/// fetch runs at a time. While the URL does not answer, the last keys remain in force.
/// </remarks>
internal sealed partial class JwtKeySource : IDisposable
{
    /// <summary>The min time between two fetches.</summary>
    internal static readonly TimeSpan MinInterval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private readonly JwtOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<JwtKeySource> _logger;
    private readonly HttpClient _http = new(
        new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = Timeout,
        MaxResponseContentBufferSize = 1024 * 1024,
    };
    private readonly Lock _guard = new();
    private volatile JwtKeySet? _keys;
    private Task? _fetch;
    private DateTimeOffset _fetched;
    private DateTimeOffset _tried = DateTimeOffset.MinValue;

    public JwtKeySource(IOptions<JwtOptions> options, TimeProvider time, ILogger<JwtKeySource> logger)
    {
        _options = options.Value;
        _time = time;
        _logger = logger;
        if (_options.PublicKey is { } pem) _keys = new JwtKeySet(PemKeys.Read(pem) ?? [], null);
        else if (_options.PublicKeyFile is { } file) _keys = new JwtKeySet(PemKeys.Read(File.ReadAllText(file)) ?? [], null);
    }

    /// <summary>Raised after the keys changed.</summary>
    public event Action? Changed;

    /// <summary>The keys in force; null when none could be fetched yet. A different object when the keys differ.</summary>
    public JwtKeySet? Current => _keys;

    private Uri? Url => _options.JwksUrl ?? _options.DiscoveryUrl;

    /// <summary>The keys; null when none could be fetched yet.</summary>
    public async ValueTask<JwtKeySet?> GetAsync(CancellationToken cancellationToken)
    {
        if (Url is null) return _keys;
        if (_keys is { } known)
        {
            if (_time.GetUtcNow() - _fetched > _options.KeysRefresh) _ = TryFetch();
            return known;
        }

        await TryFetch().WaitAsync(cancellationToken).ConfigureAwait(false);
        return _keys;
    }

    /// <summary>Newer keys than these, for a token whose key is not among them; null when there are none.</summary>
    public async ValueTask<JwtKeySet?> GetNewerAsync(JwtKeySet than, CancellationToken cancellationToken)
    {
        if (Url is null) return null;
        if (ReferenceEquals(_keys, than)) await TryFetch().WaitAsync(cancellationToken).ConfigureAwait(false);
        return ReferenceEquals(_keys, than) ? null : _keys;
    }

    public void Dispose() => _http.Dispose();

    private Task TryFetch()
    {
        lock (_guard)
        {
            if (_fetch is { IsCompleted: false }) return _fetch;
            var now = _time.GetUtcNow();
            if (now - _tried < MinInterval) return Task.CompletedTask;
            _tried = now;
            return _fetch = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        var from = RedactedUrl.Of(Url!);
        try
        {
            var newer = await DownloadAsync().ConfigureAwait(false);
            _fetched = _time.GetUtcNow();
            if (_keys is { } known && known.IsSameAs(newer)) return;
            _keys = newer;
            Changed?.Invoke();
            LogFetched(_logger, newer.Keys.Count, from);
        }
#pragma warning disable CA1031 // whatever the fault of the URL or its response: the last keys remain
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotFetched(_logger, from, KeyFetchFault.Words(exception));
        }
    }

    private async Task<JwtKeySet> DownloadAsync()
    {
        var retriever = new HttpDocumentRetriever(_http) { RequireHttps = !Url!.IsLoopback };
        if (_options.JwksUrl is { } jwks)
        {
            var set = JsonWebKeySet.Create(
                await retriever.GetDocumentAsync(jwks.AbsoluteUri, CancellationToken.None).ConfigureAwait(false));
            return new JwtKeySet(PublicOnly(set.GetSigningKeys(), set), null);
        }

        var found = await OpenIdConnectConfigurationRetriever.GetAsync(
            _options.DiscoveryUrl!.AbsoluteUri, retriever, CancellationToken.None).ConfigureAwait(false);
        return new JwtKeySet(PublicOnly(found.SigningKeys, found.JsonWebKeySet), found.Issuer);
    }

    private static List<SecurityKey> PublicOnly(IEnumerable<SecurityKey> found, JsonWebKeySet? all)
    {
        var keys = found.Where(key => key is AsymmetricSecurityKey or JsonWebKey { Kty: "RSA" or "EC" }).ToList();
        return keys.Count > 0
            ? keys
            : throw new InvalidDataException(
                all?.Keys.Any(key => key.Kty == "OKP") == true ? KeyFetchFault.OnlyEdwards : KeyFetchFault.NoKey);
    }

    [LoggerMessage(
        EventId = EventIds.JwtKeySourceFetched,
        Level = LogLevel.Information,
        Message = "{Keys} keys of the tokens' issuer were fetched from {Url}")]
    private static partial void LogFetched(ILogger logger, int keys, string url);

    [LoggerMessage(
        EventId = EventIds.JwtKeySourceNotFetched,
        Level = LogLevel.Error,
        Message = "the keys of the tokens' issuer could not be fetched from {Url}: {Fault}")]
    private static partial void LogNotFetched(ILogger logger, string url, string fault);
}
