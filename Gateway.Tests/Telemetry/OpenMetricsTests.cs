using System.Diagnostics;
using System.Text.Json;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Telemetry;

/// <summary>
/// Both forms of <c>/metrics</c>, read strictly, by Prometheus' own tool, and by Prometheus itself, which asks for
/// OpenMetrics.
/// </summary>
public sealed class OpenMetricsTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private const string Asked = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/pla" +
        "in;version=0.0.4;q=0.5,*/*;q=0.1";
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DevNetwork Network => box.Network;

    [Fact]
    public async Task OpenMetrics_is_strict_and_counters_of_the_original_keep_their_names_in_it()
    {
        await PublishAsync();
        var (types, samples) = OpenMetricsReader.Read(await ScrapeAsync(Asked));
        Assert.Equal("counter", types["grpc_server_started"]);
        Assert.Equal("unknown", types["xmtp_gateway_messages_originated"]);
        Assert.Equal("histogram", types["grpc_server_handling_seconds"]);
        Assert.Contains(samples.Keys, name => name.StartsWith("xmtp_gateway_messages_originated{originator_id=", StringComparison.Ordinal));
        Assert.Contains(samples.Keys, name => name.StartsWith("grpc_server_started_total{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_text_form_is_read_by_Prometheus_own_tool()
    {
        await PublishAsync();
        await PromtoolCheck.ReadsAsync(await ScrapeAsync("text/plain;version=0.0.4"), Token);
    }

    [Fact]
    public async Task Prometheus_finds_the_series_that_dashboards_query()
    {
        await PublishAsync();
        var program = await MachineProgram.FindAsync("prometheus", "prometheus");
        var folder = Directory.CreateTempSubdirectory("prometheus-");
        try
        {
            var (config, port) = (Path.Combine(folder.FullName, "prometheus.yml"), RedisServer.FreePort());
            await File.WriteAllTextAsync(
                config,
                $"{{ global: {{ scrape_interval: 1s }}, scrape_configs: [ {{ job_name: gateway, static_configs: [ {{ targets: [ " +
                $"\"127.0.0.1:{Network.Metrics!.Port}\" ] }} ] }} ] }}",
                Token);
            await using var prometheus = TestProcess.Start(new ProcessStartInfo(
                program,
                [$"--config.file={config}", $"--storage.tsdb.path={folder.FullName}/data", $"--web.listen-address=127.0.0.1:{port}"]));
            foreach (var series in new[]
            {
                "up{job=\"gateway\"} == 1",
                "xmtp_gateway_messages_originated",
                "grpc_server_started_total",
                "grpc_server_handling_seconds_bucket",
                "xmtp_gateway_lru_nonce",
            })
            {
                await Eventually.IsAsync(() => HasAsync(port, series), $"Prometheus has {series}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<bool> HasAsync(int port, string series)
    {
        using var http = new HttpClient();
        try
        {
            var answer = await http.GetStringAsync(
                new Uri($"http://127.0.0.1:{port}/api/v1/query?query={Uri.EscapeDataString(series)}"), Token);
            return JsonDocument.Parse(answer).RootElement.GetProperty("data").GetProperty("result").GetArrayLength() > 0;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task PublishAsync()
    {
        using var client = new GatewayClient(Network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Welcome());
        await client.PublishAsync(Envelopes.Commit());
    }

    private async Task<string> ScrapeAsync(string accept)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Network.Metrics!, "/metrics"));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await http.SendAsync(request, Token);
        Assert.True(answer.IsSuccessStatusCode);
        Assert.StartsWith(accept.Split(';')[0], answer.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        return await answer.Content.ReadAsStringAsync(Token);
    }
}
