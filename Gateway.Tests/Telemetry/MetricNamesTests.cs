using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Fees;

namespace Xmtp.Gateway.Tests.Telemetry;

/// <summary>Dashboards know these names and labels from the original: what is scraped has to have exactly them.</summary>
public sealed partial class MetricNamesTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private static readonly Dictionary<string, (string Type, string Labels)> Expected = new()
    {
        ["xmtp_gateway_publish_duration_seconds"] = ("histogram", "originator_id"),
        ["xmtp_gateway_lru_nonce"] = ("gauge", ""),
        ["xmtp_gateway_failed_attempts_to_publish_to_node_via_banlist"] = ("histogram", "originator_id"),
        ["xmtp_gateway_messages_originated"] = ("counter", "originator_id"),
        ["xmtp_gateway_get_nodes_available_nodes"] = ("gauge", ""),
        ["xmtp_blockchain_wait_for_transaction_seconds"] = ("histogram", "status"),
        ["xmtp_blockchain_publish_payload_seconds"] = ("histogram", "payload_type"),
        ["xmtp_blockchain_broadcast_transaction_seconds"] = ("histogram", "payload_type,status"),
        ["xmtp_blockchain_oracle_gas_price"] = ("gauge", "chain_id"),
        ["xmtp_blockchain_oracle_gas_price_updates_total"] = ("counter", "chain_id"),
        ["xmtp_blockchain_oracle_gas_price_default_fallback_total"] = ("counter", "chain_id"),
        ["xmtp_blockchain_oracle_gas_price_last_update_timestamp_unix"] = ("gauge", "chain_id"),
        ["grpc_server_started_total"] = ("counter", "grpc_method,grpc_service,grpc_type"),
        ["grpc_server_handled_total"] = ("counter", "grpc_code,grpc_method,grpc_service,grpc_type"),
        ["grpc_server_msg_received_total"] = ("counter", "grpc_method,grpc_service,grpc_type"),
        ["grpc_server_msg_sent_total"] = ("counter", "grpc_method,grpc_service,grpc_type"),
        ["grpc_server_handling_seconds"] = ("histogram", "grpc_method,grpc_service,grpc_type"),
        ["grpc_client_started_total"] = ("counter", "grpc_method,grpc_service,grpc_type"),
        ["grpc_client_handled_total"] = ("counter", "grpc_code,grpc_method,grpc_service,grpc_type"),
        ["grpc_client_msg_received_total"] = ("counter", "grpc_method,grpc_service,grpc_type"),
        ["grpc_client_msg_sent_total"] = ("counter", "grpc_method,grpc_service,grpc_type"),
        ["grpc_client_handling_seconds"] = ("histogram", "grpc_method,grpc_service,grpc_type"),
        ["xmtp_api_open_connections_gauge"] = ("gauge", "method,style"),
        ["xmtp_api_failed_grpc_requests_counter"] = ("counter", "code"),
        ["process_cpu_seconds_total"] = ("counter", ""),
        ["process_resident_memory_bytes"] = ("gauge", ""),
        ["process_virtual_memory_bytes"] = ("gauge", ""),
        ["process_start_time_seconds"] = ("gauge", ""),
    };

    // Read from /proc.
    private static readonly string[] OnLinux = ["process_open_fds", "process_max_fds"];

    // Calls are made over gRPC: its answer ends with the trailers, which go out when the call has been counted.
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DevNetwork Network => box.Network;

    [Fact]
    public async Task What_is_scraped_has_the_original_s_names_types_and_labels()
    {
        using var client = new GatewayClient(Network.Gateway, Speaks.Grpc);
        await client.GetNodesAsync();
        await client.PublishAsync(Envelopes.Welcome());
        await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => client.PublishAsync());
        Network.GatewayServices.GetRequiredService<PublishMetrics>().PublishedAfterBans(100, 1);
        await client.PublishAsync(Envelopes.Commit(), Envelopes.Identity());
        Network.GatewayServices.GetRequiredService<GasPriceMetrics>().FellBack(31337);

        var text = await ScrapeAsync();
        foreach (var (name, (type, labels)) in Expected)
        {
            Assert.Contains($"# TYPE {name} {type}\n", text, StringComparison.Ordinal);
            var sample = type == "histogram" ? name + "_count" : name;
            Assert.Equal((name, labels), (name, LabelsOf(text, sample)));
        }

        if (OperatingSystem.IsLinux())
        {
            Assert.All(OnLinux, name => Assert.Equal((name, ""), (name, LabelsOf(text, name))));
            Assert.All(OnLinux, name => Assert.Contains($"# TYPE {name} gauge\n", text, StringComparison.Ordinal));
        }

        string[] expected =
        [
            "grpc_server_handled_total{grpc_code=\"code_0\",grpc_method=\"GetNodes\",grpc_service=\"GatewayApi\",grpc_type=\"unary\"}",
            "grpc_server_handled_total{grpc_code=\"invalid_argument\",grpc_method=\"PublishClientEnvelopes\"," +
                "grpc_service=\"PayerApi\",grpc_type=\"unary\"}",
            "grpc_client_handled_total{grpc_code=\"OK\",grpc_method=\"PublishPayerEnvelopes\"," +
                "grpc_service=\"xmtp.xmtpv4.message_api.ReplicationApi\",grpc_type=\"unary\"}",
            "xmtp_api_open_connections_gauge{method=\"/xmtp.xmtpv4.gateway_api.GatewayApi/GetNodes\",style=\"unary\"} 0",
            "xmtp_api_failed_grpc_requests_counter{code=\"invalid_argument\"}",
            "xmtp_blockchain_publish_payload_seconds_count{payload_type=\"publish_group_message\"}",
            "xmtp_blockchain_publish_payload_seconds_count{payload_type=\"publish_identity_update\"}",
            "xmtp_blockchain_broadcast_transaction_seconds_count{payload_type=\"publish_group_message\",status=\"success\"}",
            "xmtp_blockchain_broadcast_transaction_seconds_count{payload_type=\"publish_identity_update\",status=\"success\"}",
            "xmtp_blockchain_wait_for_transaction_seconds_count{status=\"success\"}",
            "xmtp_blockchain_oracle_gas_price{chain_id=\"31337\"}",
        ];
        Assert.All(expected, sample => Assert.Contains("\n" + sample, text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Histograms_have_the_original_s_bounds()
    {
        using var client = new GatewayClient(Network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Welcome(9), Envelopes.Commit(9));
        Network.GatewayServices.GetRequiredService<PublishMetrics>().PublishedAfterBans(100, 1);
        var text = await ScrapeAsync();
        string[] steps =
        [
            .. Enumerable.Range(1, 18).Select(i => (i * 0.05).ToString("0.##", System.Globalization.CultureInfo.InvariantCulture)),
            "1", "2.5", "5", "10", "+Inf",
        ];
        string[] ofSteps =
        [
            "xmtp_gateway_publish_duration_seconds", "xmtp_blockchain_publish_payload_seconds",
            "xmtp_blockchain_broadcast_transaction_seconds", "xmtp_blockchain_wait_for_transaction_seconds",
        ];
        Assert.All(ofSteps, name => Assert.Equal(steps, BoundsOf(text, name)));
        string[] defaults = ["0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"];
        Assert.Equal(defaults, BoundsOf(text, "grpc_server_handling_seconds"));
        Assert.Equal(defaults, BoundsOf(text, "grpc_client_handling_seconds"));
        Assert.Equal(
            ["0", "1", "2", "3", "4", "5", "+Inf"], BoundsOf(text, "xmtp_gateway_failed_attempts_to_publish_to_node_via_banlist"));
    }

    [Fact]
    public async Task Metrics_answer_on_their_own_port_alone_and_the_api_does_not_answer_there()
    {
        using var http = new HttpClient();
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri(Network.Gateway, "/metrics"), Token)).StatusCode);
        using var disguised = new HttpRequestMessage(HttpMethod.Get, new Uri(Network.Web!, "/metrics"))
        {
            Headers = { Host = Network.Metrics!.Authority },
        };
        Assert.Equal(HttpStatusCode.NotFound, (await http.SendAsync(disguised, Token)).StatusCode);
        using var body = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await http.PostAsync(new Uri(Network.Metrics!, "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes"), body, Token)).StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/prometheus")]
    [InlineData("/xmtp.xmtpv4.payer_api.PayerApi/GetNodes")]
    public async Task Metrics_answer_at_any_path_of_their_port_that_is_no_page(string path)
    {
        using var http = new HttpClient();
        Assert.Contains(
            "# TYPE process_start_time_seconds gauge\n",
            await http.GetStringAsync(new Uri(Network.Metrics!, path), Token),
            StringComparison.Ordinal);
        Assert.DoesNotContain(
            "# TYPE", await http.GetStringAsync(new Uri(Network.Metrics!, "/readyz"), Token), StringComparison.Ordinal);
        Assert.StartsWith("{", await http.GetStringAsync(new Uri(Network.Metrics!, "/debug/money"), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_gateway_of_the_process_neither_adds_to_the_figures_nor_takes_them_away()
    {
        using var client = new GatewayClient(Network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Welcome(3));
        var before = OriginatedIn(await ScrapeAsync());
        await using (var other = await DevNetwork.StartAsync(new DevNetOptions(), Token))
        {
            using var otherClient = new GatewayClient(other.Gateway, Speaks.Grpc);
            await otherClient.PublishAsync(Envelopes.Welcome(3));
        }

        Assert.Equal(before, OriginatedIn(await ScrapeAsync()));
        await client.PublishAsync(Envelopes.Welcome(4));
        Assert.Equal(before + 1, OriginatedIn(await ScrapeAsync()));
    }

    private static int OriginatedIn(string text) =>
        Regex.Matches(text, @"^xmtp_gateway_messages_originated\{.*\} (\d+)$", RegexOptions.Multiline)
            .Sum(line => int.Parse(line.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));

    private static string? LabelsOf(string text, string sample) =>
        Regex.Match(text, $"^{sample}(?:{{(?<labels>[^}}]*)}})? ", RegexOptions.Multiline) is { Success: true } line
            ? string.Join(
                ',', Label().Matches(line.Groups["labels"].Value).Select(label => label.Groups[1].Value).Order(StringComparer.Ordinal))
            : null;

    private static IEnumerable<string> BoundsOf(string text, string name) =>
        Regex.Matches(text, $"^{name}_bucket{{[^}}]*le=\"(?<bound>[^\"]*)\"", RegexOptions.Multiline)
            .Select(line => line.Groups["bound"].Value)
            .Distinct();

    private async Task<string> ScrapeAsync()
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(Network.Metrics!, "/metrics"), Token);
    }

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();
}
