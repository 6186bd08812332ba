using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.Tests.Telemetry;

/// <summary>What leaves the process by OTLP, received by a real server.</summary>
public sealed class OtlpTests : IAsyncLifetime
{
    private static readonly ActivitySource Source = new("Xmtp.Gateway.Tests.Otlp");
    private readonly ConcurrentBag<(string Path, byte[] Body)> _received = [];
    private WebApplication? _collector;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private Uri Collector => new(_collector!.Urls.Single());

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        _collector = builder.Build();
        _collector.Run(async call =>
        {
            using var body = new MemoryStream();
            await call.Request.Body.CopyToAsync(body, call.RequestAborted);
            _received.Add((call.Request.Path, body.ToArray()));
        });
        await _collector.StartAsync(Token);
    }

    public ValueTask DisposeAsync() => _collector!.DisposeAsync();

    [Fact]
    public async Task Traces_metrics_and_logs_go_where_the_variable_says_and_no_key_of_an_RPC_URL_is_in_them()
    {
        await RunAsync(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Collector.ToString(), ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" });
        Assert.Subset(_received.Select(export => export.Path).ToHashSet(), new HashSet<string> { "/v1/traces", "/v1/metrics", "/v1/logs" });
        var all = string.Concat(
            _received.Where(export => export.Path.StartsWith("/v1/", StringComparison.Ordinal))
                .Select(export => Encoding.Latin1.GetString(export.Body)));
        Assert.Contains("http://127.0.0.1:1/", all, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_to_a_chain_is_a_span_with_the_name_of_its_method()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Collector.ToString(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        });
        builder.AddServiceDefaults();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        await using (var app = builder.Build())
        {
            await app.StartAsync(Token);
            using (Source.StartActivity("a publish"))
            {
                using var rpc = new HttpRpcTransport(new Uri("http://127.0.0.1:1"));
                await rpc.SendAsync("eth_someMethod", [], Token);
            }

            await app.StopAsync(Token);
        }

        var traces = string.Concat(
            _received.Where(export => export.Path == "/v1/traces").Select(export => Encoding.Latin1.GetString(export.Body)));
        // Once as the name of the span, and once as its tag.
        Assert.True(traces.Split("eth_someMethod").Length >= 3, traces);
    }

    [Fact]
    public async Task A_background_request_starts_no_trace()
    {
        await RunAsync(
            new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = Collector.ToString(), ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" }, "a poll");
        Assert.Contains(_received, export => export.Path == "/v1/logs");
        // Tests that run beside this one make traces of their own.
        Assert.DoesNotContain(
            _received,
            export => export.Path == "/v1/traces"
                && Encoding.Latin1.GetString(export.Body).Contains("http://127.0.0.1:1/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("TRACES", "/v1/traces")]
    [InlineData("METRICS", "/v1/metrics")]
    [InlineData("LOGS", "/v1/logs")]
    public async Task A_signal_with_its_own_endpoint_is_sent_there_and_the_others_are_not_sent(string signal, string path)
    {
        await RunAsync(
            new()
            {
                [$"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"] = new Uri(Collector, path).ToString(),
                [$"OTEL_EXPORTER_OTLP_{signal}_PROTOCOL"] = "http/protobuf",
            });
        Assert.Equal(
            [path], _received.Select(export => export.Path).Where(sent => sent.StartsWith("/v1/", StringComparison.Ordinal)).Distinct());
    }

    [Fact]
    public async Task Without_an_endpoint_and_without_the_flag_nothing_is_sent()
    {
        await RunAsync([]);
        Assert.DoesNotContain(_received, export => export.Path.StartsWith("/v1/", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(true, "--tracing.enable")]
    [InlineData(true, "--tracing.enable=yes")]
    [InlineData(true, "--tracing.enable on")]
    [InlineData(true, "", "XMTPD_TRACING_ENABLE", "yes")]
    [InlineData(true, "", "XMTPD_TRACING_ENABLE", "T")]
    [InlineData(true, "", "Xmtp:Tracing:Enable", "on")]
    [InlineData(false, "--tracing.enable=off")]
    [InlineData(false, "", "XMTPD_TRACING_ENABLE", "no")]
    [InlineData(false, "--tracing.enable=no", "XMTPD_TRACING_ENABLE", "yes")]
    public async Task The_flag_is_read_alike_whether_the_gateway_is_added_before_or_after(
        bool isOn, string args, string name = "unset", string? value = null)
    {
        foreach (var isGatewayFirst in new[] { true, false })
        {
            var builder = WebApplication.CreateBuilder(args.Split(' ', StringSplitOptions.RemoveEmptyEntries));
            builder.Configuration.AddInMemoryCollection([KeyValuePair.Create(name, value)]);
            if (isGatewayFirst) builder.AddXmtpGateway();
            builder.AddServiceDefaults();
            if (!isGatewayFirst) builder.AddXmtpGateway();
            await using var app = builder.Build();
            Assert.Equal(isOn, app.Services.GetService<TracerProvider>() is not null);
        }
    }

    private static async Task RunAsync(Dictionary<string, string?> settings, string why = "a publish")
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceDefaults();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        await using var app = builder.Build();
        await app.StartAsync(Token);
        using var http = new HttpClient();
        using var publish = why == "a publish" ? Source.StartActivity(why) : null;
        // Nobody is there: what counts is the trace of the attempt. (A server in this process would trace the path as its own.)
        await Assert.ThrowsAsync<HttpRequestException>(() => http.GetAsync(new Uri("http://127.0.0.1:1/rpc/secret?key=secret"), Token));
        publish?.Stop();
        LogSomething(app.Logger, null);
        await app.StopAsync(Token);
    }

    private static readonly Action<ILogger, Exception?> LogSomething = LoggerMessage.Define(LogLevel.Warning, 1, "something");
}
