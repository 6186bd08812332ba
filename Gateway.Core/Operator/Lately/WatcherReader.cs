using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Operator.Access;

namespace Xmtp.Gateway.Operator.Lately;

/// <summary>
/// Reads the events, the nodes' cursors and the heads of a chain watcher, at most every 10 s, while the page is looked at.
/// </summary>
/// <remarks>
/// Never waited for: the page shows what was read last. Credentials in the URL are sent, and shown nowhere; redirects are not
/// followed.
/// </remarks>
internal sealed class WatcherReader : IDisposable
{
    private const string Network = "v1/network";
    private const int MaxBytes = 2 << 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    private static readonly WatcherNews NotYet = new() { Fault = "the chain watcher has not answered yet" };

    private readonly OnDemandReading _reading;
    private readonly Uri? _url;
    private readonly HttpClient? _http;
    private volatile WatcherNews? _news;

    public WatcherReader(UncheckedOptions<OperatorOptions> options, TimeProvider time)
    {
        _reading = new(ReadAsync, Every, time);
        if (options.Value.WatcherUrl is not { } url) return;
        _url = new UriBuilder(url) { UserName = "", Password = "" }.Uri;
        _http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }, disposeHandler: true)
        {
            Timeout = Timeout,
            MaxResponseContentBufferSize = MaxBytes,
        };
        if (url.UserInfo.Length > 0)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo))));
        }
    }

    /// <summary>What was read last; starts a reading when that is old. Null without a watcher.</summary>
    internal WatcherNews? Latest()
    {
        if (_http is null) return null;
        _reading.Begin();
        return _news ?? NotYet;
    }

    /// <summary>The reading that is under way, or the last one. Never fails.</summary>
    internal Task Reading => _reading.Latest;

    /// <inheritdoc/>
    public void Dispose() => _http?.Dispose();

    private async Task ReadAsync()
    {
        var (events, cursors, heads) = (GetAsync("v1/history?limit=500"), GetAsync(Network), GetAsync("v1/chains"));
        var history = await events.ConfigureAwait(false);
        var network = await cursors.ConfigureAwait(false);
        var chains = await heads.ConfigureAwait(false);
        var (read, behind) = (
            history.Fault is null ? WatcherAnswers.Events(history.Body) : null,
            network.Fault is null ? WatcherAnswers.Behind(network.Body) : null);
        _news = new WatcherNews
        {
            Fault = history.Fault ?? (read is null ? "the chain watcher's events cannot be read: it answers in another form" : null),
            Events = read ?? _news?.Events ?? [],
            NetworkFault = network.Fault
                ?? (behind is null ? "the chain watcher's view of the nodes cannot be read: it answers in another form" : null),
            Behind = behind ?? new Dictionary<uint, ulong>(),
            Heads = (chains.Fault is null ? WatcherAnswers.Heads(chains.Body) : null) ?? new Dictionary<string, WatchedHead>(),
        };
    }

    private async Task<(JsonElement Body, string? Fault)> GetAsync(string path)
    {
        try
        {
            using var answer = await _http!.GetAsync(new Uri(_url!, path)).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode)
                return (JsonElement.Parse(await answer.Content.ReadAsByteArrayAsync().ConfigureAwait(false)), null);
            return ((int)answer.StatusCode) switch
            {
                503 => (default, "this chain watcher is on standby, or reads history; name the one that leads"),
                404 when path == Network => (default, "the chain watcher does not watch the nodes: start it with --watcher.network"),
                var status => (default, string.Create(CultureInfo.InvariantCulture, $"the chain watcher answers HTTP {status}")),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or JsonException)
        {
            return (default, "the chain watcher does not answer");
        }
    }
}
