using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Operator.Access;

namespace Xmtp.Gateway.Operator.Lately;

/// <summary>Reads the events and the nodes' cursors of a chain watcher, at most every 10 s, while the page is looked at.</summary>
/// <remarks>
/// Never waited for: the page shows what was read last. Credentials in the URL are sent, and shown nowhere; redirects are not
/// followed.
/// </remarks>
internal sealed class WatcherReader : IDisposable
{
    private const int MaxEvents = 40;
    private const int MaxBytes = 2 << 20;
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly string[] LeftOut =
        ["MessageSent", "IdentityUpdateCreated", "PayerReportSubmitted", "PayerReportSubsetSettled"];

    private readonly TimeProvider _time;
    private readonly Uri? _url;
    private readonly HttpClient? _http;
    private readonly Lock _gate = new();
    private Task _reading = Task.CompletedTask;
    private long? _began;
    private WatcherNews? _news;

    public WatcherReader(UncheckedOptions<OperatorOptions> options, TimeProvider time)
    {
        _time = time;
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
        lock (_gate)
        {
            if (_reading.IsCompleted && (_began is not { } began || _time.GetElapsedTime(began) >= Every))
            {
                _began = _time.GetTimestamp();
                _reading = Task.Run(ReadAsync);
            }

            return _news ?? new WatcherNews("the chain watcher has not answered yet", [], new Dictionary<uint, ulong>());
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http?.Dispose();

    private async Task ReadAsync()
    {
        var (events, behind) = (GetAsync("v1/history?limit=500"), GetAsync("v1/network"));
        var history = await events.ConfigureAwait(false);
        var network = await behind.ConfigureAwait(false);
        lock (_gate)
        {
            _news = new WatcherNews(
                history.Fault, history.Fault is null ? Events(history.Body) : _news?.Events ?? [], Behind(network.Body));
        }
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
                var status => (default, string.Create(CultureInfo.InvariantCulture, $"the chain watcher answers HTTP {status}")),
            };
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or JsonException)
        {
            return (default, "the chain watcher does not answer");
        }
    }

    private static List<WatcherEvent> Events(JsonElement body)
    {
        try
        {
            return
            [
                .. body.GetProperty("events").Deserialize<List<WatcherEvent>>(JsonSerializerOptions.Web)!
                    .Where(happened => happened.Type is not null && !LeftOut.Contains(happened.Type)).Take(MaxEvents),
            ];
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return [];
        }
    }

    // {"nodes":[{"id":100,"lag":{"200":3}}]}; the greatest lag of any node in the envelopes of each.
    private static Dictionary<uint, ulong> Behind(JsonElement body)
    {
        var behind = new Dictionary<uint, ulong>();
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("nodes", out var nodes)) return behind;
        foreach (var node in nodes.EnumerateArray())
        {
            behind.TryAdd(node.GetProperty("id").GetUInt32(), 0);
            foreach (var lag in node.GetProperty("lag").EnumerateObject())
            {
                if (uint.TryParse(lag.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var originator))
                    behind[originator] = Math.Max(behind.GetValueOrDefault(originator), lag.Value.GetUInt64());
            }
        }

        return behind;
    }
}
