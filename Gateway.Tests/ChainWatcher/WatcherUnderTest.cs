using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>A whole watcher in this process, on a free port, looked at through its port alone.</summary>
internal sealed class WatcherUnderTest : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new();

    private WatcherUnderTest(WebApplication app, CapturedLogs logs)
    {
        _app = app;
        Logs = logs;
    }

    public CapturedLogs Logs { get; }

    public WatcherService Service => _app.Services.GetRequiredService<WatcherService>();

    public T Options<T>()
        where T : class => _app.Services.GetRequiredService<IOptions<T>>().Value;

    /// <summary>Starts one on a chain that is both chains.</summary>
    public static Task<WatcherUnderTest> StartAsync(Uri rpc, Uri? wss, params string[] more) => StartAsync(rpc, wss, null, more);

    /// <summary>As the other one, with a clock; null takes the machine's.</summary>
    public static Task<WatcherUnderTest> StartAsync(Uri rpc, Uri? wss, TimeProvider? clock, params string[] more)
    {
        string[] socket = wss is null
            ? []
            : ["--contracts.app-chain.wss-url", wss.ToString(), "--contracts.settlement-chain.wss-url", wss.ToString()];
        return StartWithAsync(
            [
                "--contracts.environment",
                "anvil",
                "--contracts.app-chain.rpc-url",
                rpc.ToString(),
                "--contracts.settlement-chain.rpc-url",
                rpc.ToString(),
                .. socket,
                "--metrics.metrics-port", "0", "--watcher.payer-address", DevAccounts.Signer(1).Address.ToString(), .. more,
            ],
            clock: clock);
    }

    /// <summary>Starts one with these arguments and variables alone.</summary>
    public static async Task<WatcherUnderTest> StartWithAsync(
        string[] args, Dictionary<string, string?>? variables = null, TimeProvider? clock = null)
    {
        var builder = WebApplication.CreateBuilder();
        var logs = new CapturedLogs();
        builder.Configuration.AddInMemoryCollection(variables);
        if (clock is not null) builder.Services.AddSingleton(clock);
        builder.AddXmtpChainWatcher(args);
        builder.Logging.ClearProviders().AddProvider(logs);
        var watcher = new WatcherUnderTest(builder.Build(), logs);
        try
        {
            await watcher._app.StartXmtpChainWatcherAsync(TestContext.Current.CancellationToken);
            return watcher;
        }
        catch
        {
            await watcher.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// A metric's value by its name and labels, such as <c>xmtp_chain_usage_settled_total</c>; null when it is not
    /// there.
    /// </summary>
    public async Task<double?> MetricAsync(string series)
    {
        var line = (await FiguresAsync())
            .FirstOrDefault(
                line => line.StartsWith(series + " ", StringComparison.Ordinal) || line.StartsWith(series + "{", StringComparison.Ordinal));
        return line is null ? null : double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>The value of a metric about the watcher itself, by its name and labels; null when it is not there.</summary>
    public async Task<double?> WatchMetricAsync(string series)
    {
        var line = (await ScrapeAsync("text/plain")).Split('\n')
            .FirstOrDefault(line => line.StartsWith(series + " ", StringComparison.Ordinal));
        return line is null ? null : double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture);
    }

    /// <summary>All figures of the chain that a replay must show again, as lines without the time of the scrape.</summary>
    public async Task<IReadOnlyList<string>> FiguresAsync() =>
    [
        .. (await _client.GetStringAsync(new Uri(Callable, "/metrics"), TestContext.Current.CancellationToken)).Split('\n')
            .Where(
                line => line.StartsWith("xmtp_chain_", StringComparison.Ordinal)
                    && !line.StartsWith("xmtp_chain_watcher_", StringComparison.Ordinal))
            .Select(line => string.Join(' ', line.Split(' ')[..2])).Order(StringComparer.Ordinal),
    ];

    /// <summary>Counts events of a type.</summary>
    public async Task<long> EventsAsync(string type) =>
        (long)(await MetricAsync($"xmtp_chain_events_processed_total{{event_type=\"{type}\"}}") ?? 0);

    public async Task<JsonElement> JsonAsync(string path) =>
        JsonElement.Parse(await _client.GetStringAsync(new Uri(Callable, path), TestContext.Current.CancellationToken));

    public async Task<(int Status, string Body)> GetAsync(string path)
    {
        using var answer = await _client.GetAsync(new Uri(Callable, path), TestContext.Current.CancellationToken);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>A scrape, as a caller gets it that accepts this form.</summary>
    public async Task<string> ScrapeAsync(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Callable, "/metrics"));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The lines of the log with an event's id.</summary>
    public IReadOnlyList<string> LinesOf(int id) =>
        [.. Logs.Lines.Where(line => line.Contains($"[{id.ToString(CultureInfo.InvariantCulture)}]", StringComparison.Ordinal))];

    public async Task IsReadyAsync() =>
        await Eventually.IsAsync(
            async () => (await GetAsync("/readyz")).Body.Contains("read to the head", StringComparison.Ordinal),
            "the watcher has read its chains");

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _client.Dispose();
    }

    // On all addresses it is called on one.
    private Uri Callable => Url.Host == "0.0.0.0" ? new UriBuilder(Url) { Host = "127.0.0.1" }.Uri : Url;

    /// <summary>Where it listens.</summary>
    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
}
