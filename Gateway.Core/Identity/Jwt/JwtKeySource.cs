using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Identity.Jwt;

/// <summary>Holds the issuer's keys: from PEM once, from a URL again and again.</summary>
/// <remarks>
/// Keys from a URL are fetched at first need, in the background when they get old, and at once when a token names a key
/// that is not among them, but at most every <see cref="BetweenTries"/>, so that forged tokens cause no storm. One fetch
/// runs at a time. While the URL does not answer the last keys stay in force.
/// </remarks>
internal sealed partial class JwtKeySource : IDisposable
{
    /// <summary>The least time between two fetches.</summary>
    internal static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private readonly JwtOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<JwtKeySource> log;
    private readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout, MaxResponseContentBufferSize = 1024 * 1024 };
    private readonly Lock guard = new();
    private volatile JwtKeySet? keys;
    private Task? fetch;
    private DateTimeOffset fetched;
    private DateTimeOffset tried = DateTimeOffset.MinValue;

    public JwtKeySource(IOptions<JwtOptions> options, TimeProvider time, ILogger<JwtKeySource> logger)
    {
        (this.options, this.time, this.log) = (options.Value, time, logger);
        if (this.options.PublicKey is { } pem) keys = new JwtKeySet(PemKeys.Read(pem) ?? [], null);
        else if (this.options.PublicKeyFile is { } file) keys = new JwtKeySet(PemKeys.Read(File.ReadAllText(file)) ?? [], null);
    }

    /// <summary>Told after the keys became others.</summary>
    public event Action? Changed;

    /// <summary>The keys in force; null when none could be fetched yet. Another object when the keys are others.</summary>
    public JwtKeySet? Current => keys;

    private Uri? Url => options.JwksUrl ?? options.DiscoveryUrl;

    /// <summary>The keys; null when none could be fetched yet.</summary>
    public async ValueTask<JwtKeySet?> GetAsync(CancellationToken cancellationToken)
    {
        if (Url is null) return keys;
        if (keys is { } known)
        {
            if (time.GetUtcNow() - fetched > options.KeysRefresh) _ = TryFetch();
            return known;
        }

        await TryFetch().WaitAsync(cancellationToken);
        return keys;
    }

    /// <summary>Keys that are newer than these, for a token whose key is not among them; null when there are none.</summary>
    public async ValueTask<JwtKeySet?> GetNewerAsync(JwtKeySet than, CancellationToken cancellationToken)
    {
        if (Url is null) return null;
        if (ReferenceEquals(keys, than)) await TryFetch().WaitAsync(cancellationToken);
        return ReferenceEquals(keys, than) ? null : keys;
    }

    public void Dispose() => http.Dispose();

    private Task TryFetch()
    {
        lock (guard)
        {
            if (fetch is { IsCompleted: false }) return fetch;
            var now = time.GetUtcNow();
            if (now - tried < BetweenTries) return Task.CompletedTask;
            tried = now;
            return fetch = Task.Run(FetchAsync);
        }
    }

    private async Task FetchAsync()
    {
        var from = RedactedUrl.Of(Url!);
        try
        {
            var newer = await DownloadAsync();
            fetched = time.GetUtcNow();
            if (keys is { } known && known.IsSameAs(newer)) return;
            keys = newer;
            Changed?.Invoke();
            LogFetched(log, newer.Keys.Count, from);
        }
#pragma warning disable CA1031 // whatever is wrong with the URL or what it answers: the last keys stay
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotFetched(log, from, KeyFetchFault.Words(exception));
        }
    }

    private async Task<JwtKeySet> DownloadAsync()
    {
        var retriever = new HttpDocumentRetriever(http) { RequireHttps = !Url!.IsLoopback };
        if (options.JwksUrl is { } jwks)
        {
            var set = JsonWebKeySet.Create(await retriever.GetDocumentAsync(jwks.AbsoluteUri, CancellationToken.None));
            return new JwtKeySet(PublicOnly(set.GetSigningKeys(), set), null);
        }

        var found = await OpenIdConnectConfigurationRetriever.GetAsync(options.DiscoveryUrl!.AbsoluteUri, retriever, CancellationToken.None);
        return new JwtKeySet(PublicOnly(found.SigningKeys, found.JsonWebKeySet), found.Issuer);
    }

    private static List<SecurityKey> PublicOnly(IEnumerable<SecurityKey> found, JsonWebKeySet? all)
    {
        var keys = found.Where(key => key is AsymmetricSecurityKey or JsonWebKey { Kty: "RSA" or "EC" }).ToList();
        return keys.Count > 0 ? keys : throw new InvalidDataException(all?.Keys.Any(key => key.Kty == "OKP") == true ? KeyFetchFault.OnlyEdwards : KeyFetchFault.NoKey);
    }

    [LoggerMessage(EventId = EventIds.JwtKeySourceFetched, Level = LogLevel.Information, Message = "{Keys} keys of the tokens' issuer were fetched from {Url}")]
    private static partial void LogFetched(ILogger log, int keys, string url);

    [LoggerMessage(EventId = EventIds.JwtKeySourceNotFetched, Level = LogLevel.Error, Message = "the keys of the tokens' issuer could not be fetched from {Url}: {Fault}")]
    private static partial void LogNotFetched(ILogger log, string url, string fault);
}
