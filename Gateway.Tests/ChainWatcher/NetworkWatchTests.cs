using System.Text.Json;
using System.Text.RegularExpressions;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>What a watcher shows of real nodes and their cursors.</summary>
public sealed partial class NetworkWatchTests : OnItsOwnChain
{
    private const string Prefix = "xmtpd_network_watcher_";
    private const string KnownNodes = Prefix + "known_nodes{}";
    private const string RegistryErrors = Prefix + "registry_errors_total{}";
    private readonly MovedClock _clock = new();

    [Fact]
    public async Task Its_metrics_have_the_names_types_and_labels_of_the_original_s_network_watcher()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100, 200);
        await nodes.PublishAsync(100);
        await using var watcher = await StartAsync();
        await HasAsync(watcher, Cursor(200, 100), 1);
        await nodes[200].KillAsync();
        await HasAsync(watcher, Up(200), 0);
        await nodes[200].RestartAsync(Cancel);

        var lines = (await watcher.ScrapeAsync("text/plain")).Split('\n')
            .Where(line => line.Contains(Prefix, StringComparison.Ordinal))
            .ToList();
        string[] types =
        [
            "build_info gauge",
            "cursor gauge",
            "cursor_divergence gauge",
            "cursor_lag gauge",
            "cursor_max gauge",
            "known_nodes gauge",
            "node_last_update_seconds gauge",
            "node_stream_errors_total counter",
            "node_up gauge",
            "registry_errors_total counter",
        ];
        Assert.Equal(
            types,
            lines.Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line[(7 + Prefix.Length)..]).Order());
        string[] labels =
        [
            "build_info version",
            "cursor originator_node_id publisher_node_id",
            "cursor_divergence originator_node_id",
            "cursor_lag originator_node_id publisher_node_id",
            "cursor_max originator_node_id",
            "known_nodes",
            "node_last_update_seconds publisher_node_id",
            "node_stream_errors_total publisher_node_id reason",
            "node_up publisher_node_id",
            "registry_errors_total",
        ];
        Assert.Equal(
            labels, lines.Where(line => !line.StartsWith('#')).Select(line => Shape(line[Prefix.Length..])).Distinct().Order());
        Assert.Matches($"{Prefix}build_info{{version=\"[0-9].*\"}} 1", string.Join('\n', lines));
        Assert.Equal(2, await watcher.WatchMetricAsync(KnownNodes));
        Assert.Equal(0, await watcher.WatchMetricAsync(RegistryErrors));
        var updated = await watcher.WatchMetricAsync(Prefix + "node_last_update_seconds{publisher_node_id=\"100\"}");
        Assert.InRange(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() - updated!.Value, 0, 300);
    }

    [Fact]
    public async Task A_node_that_does_not_replicate_shows_lag_and_divergence_until_it_does()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100, 200, 300);
        foreach (var id in new uint[] { 100, 200, 300 }) await nodes.PublishAsync(id);
        await using var watcher = await StartAsync();
        foreach (var publisher in new uint[] { 100, 200, 300 })
            foreach (var originator in new uint[] { 100, 200, 300 })
                await HasAsync(watcher, Lag(publisher, originator), 0);
        Assert.Equal(0, await watcher.WatchMetricAsync(Divergence(200)));

        nodes[200].Faults = new NodeFaults { ReplicationStopped = true };
        await nodes.PublishAsync(200, 3);
        await nodes.PublishAsync(100, 2);

        await HasAsync(watcher, Lag(100, 200), 3);
        await HasAsync(watcher, Lag(300, 200), 3);
        await HasAsync(watcher, Lag(200, 100), 2);
        await HasAsync(watcher, Lag(300, 100), 0);
        Assert.Equal(0, await watcher.WatchMetricAsync(Lag(200, 200)));
        Assert.Equal(4, await watcher.WatchMetricAsync(Prefix + "cursor_max{originator_node_id=\"200\"}"));
        Assert.Equal((3, 2), (await watcher.WatchMetricAsync(Divergence(200)), await watcher.WatchMetricAsync(Divergence(100))));
        Assert.Equal(1, await watcher.WatchMetricAsync(Up(200)));
        var page = await watcher.JsonAsync("/v1/network");
        var node = page.GetProperty("nodes").EnumerateArray().Single(entry => entry.GetProperty("id").GetUInt32() == 200);
        Assert.Equal((1, 4, 2), (Of(node, "cursor", 100), Of(node, "cursor", 200), Of(node, "lag", 100)));
        Assert.True(node.GetProperty("up").GetBoolean());

        _clock.Move(TimeSpan.FromMinutes(2));
        // 200 once the chain has answered at the new time.
        await Eventually.IsAsync(
            async () => await watcher.GetAsync("/readyz") is (200, var ready)
                && Regex.IsMatch(ready, "node 200 lacks 2 envelopes of originator 100, and has got none since 20[-0-9]*T[:0-9]*Z")
                && ready.Contains("node 100 lacks 3 envelopes of originator 200", StringComparison.Ordinal),
            "readiness names what is missing, and is not lost by it");

        nodes[200].Faults = NodeFaults.None;
        await HasAsync(watcher, Divergence(200), 0);
        await HasAsync(watcher, Divergence(100), 0);
        Assert.Contains("3 of 3 nodes stream their cursors\"", (await watcher.GetAsync("/readyz")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_that_never_had_an_envelope_of_another_lags_by_all_of_them()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100, 200);
        nodes[200].Faults = new NodeFaults { ReplicationStopped = true };
        await nodes.PublishAsync(100, 2);
        await using var watcher = await StartAsync();

        await HasAsync(watcher, Lag(200, 100), 2);
        Assert.Equal(2, await watcher.WatchMetricAsync(Divergence(100)));
        Assert.Null(await watcher.WatchMetricAsync(Cursor(200, 100)));
    }

    [Fact]
    public async Task A_node_that_dies_is_down_with_its_last_cursor_and_comes_back()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100, 200);
        await nodes.PublishAsync(100);
        await using var watcher = await StartAsync();
        await HasAsync(watcher, Cursor(200, 100), 1);
        await HasAsync(watcher, Up(200), 1);

        await nodes[200].KillAsync();
        await nodes.PublishAsync(100, 4);

        await HasAsync(watcher, Up(200), 0);
        await HasAsync(watcher, Lag(200, 100), 4);
        Assert.Equal(1, await watcher.WatchMetricAsync(Cursor(200, 100)));
        await Eventually.IsAsync(
            async () => await watcher.WatchMetricAsync(Errors(200, "dial")) >= 2, "it is asked again, and each refusal counts");
        await Eventually.IsAsync(
            async () => Regex.IsMatch(
                (await watcher.GetAsync("/readyz")).Body, "1 of 2 nodes .*; node 200 does not stream its cursor since 20"),
            "readiness names it");
        Assert.Single(watcher.LinesOf(8322));

        await nodes[200].RestartAsync(Cancel);
        await HasAsync(watcher, Up(200), 1);
        await HasAsync(watcher, Lag(200, 100), 0);
        Assert.Equal(2, watcher.LinesOf(8321).Count(line => line.Contains("node 200", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_node_that_leaves_the_registry_leaves_with_all_its_series()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100, 200, 300);
        await nodes.PublishAsync(300);
        await using var watcher = await StartAsync();
        await HasAsync(watcher, Cursor(100, 300), 1);
        await HasAsync(watcher, Up(300), 1);
        Assert.Equal(3, await watcher.WatchMetricAsync(KnownNodes));

        await Fixture.Chain.RemoveFromNetworkAsync(300, Cancel);

        await HasAsync(watcher, KnownNodes, 2);
        Assert.DoesNotContain("publisher_node_id=\"300\"", await watcher.ScrapeAsync("text/plain"), StringComparison.Ordinal);
        // The others still have its envelope.
        Assert.Equal(1, await watcher.WatchMetricAsync(Cursor(100, 300)));
        await Fixture.Chain.AddToNetworkAsync(300, Cancel);
        await HasAsync(watcher, Up(300), 1);
    }

    [Fact]
    public async Task No_node_lags_behind_an_originator_that_left_the_registry()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100, 200, 300);
        await using var watcher = await StartAsync();
        await nodes.PublishAsync(300);
        await HasAsync(watcher, Cursor(200, 300), 1);
        nodes[200].Faults = new NodeFaults { ReplicationStopped = true };
        await nodes.PublishAsync(300, 2);
        await HasAsync(watcher, Cursor(100, 300), 3);
        await HasAsync(watcher, Lag(200, 300), 2);

        await Fixture.Chain.RemoveFromNetworkAsync(300, Cancel);
        await HasAsync(watcher, KnownNodes, 2);
        _clock.Move(TimeSpan.FromMinutes(2));

        Assert.Null(await watcher.WatchMetricAsync(Lag(200, 300)));
        Assert.Null(await watcher.WatchMetricAsync(Lag(100, 300)));
        Assert.Equal((3, 1), (await watcher.WatchMetricAsync(Cursor(100, 300)), await watcher.WatchMetricAsync(Cursor(200, 300))));
        Assert.Equal(2, await watcher.WatchMetricAsync(Divergence(300)));
        Assert.Contains("2 of 2 nodes stream their cursors\"", (await watcher.GetAsync("/readyz")).Body, StringComparison.Ordinal);

        await Fixture.Chain.AddToNetworkAsync(300, Cancel);
        await HasAsync(watcher, Lag(200, 300), 2);
    }

    [Fact]
    public async Task A_node_that_moves_is_followed_to_its_new_address()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100, 200);
        await using var edge = new TcpFaultProxy(nodes[200].Address.Port);
        await using var watcher = await StartAsync();
        await HasAsync(watcher, Up(200), 1);
        Assert.Equal(0, edge.Accepted);

        await Fixture.Chain.SetHttpAddressAsync(200, $"http://127.0.0.1:{edge.Port}", Cancel);

        await watcher.Logs.UntilAsync(() => watcher.LinesOf(8312).Count == 1, Cancel);
        await HasAsync(watcher, Up(200), 1);
        Assert.Equal(1, edge.Accepted);
        edge.Mode = ProxyMode.Cut;
        await HasAsync(watcher, Up(200), 0);
        edge.Mode = ProxyMode.Pass;
        await HasAsync(watcher, Up(200), 1);
    }

    [Fact]
    public async Task An_originator_that_the_registry_does_not_know_has_no_series()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100, 200);
        await nodes.StartAsync(700);
        await nodes.PublishAsync(700);
        await Eventually.IsAsync(() => nodes[100].Store.LastSequenceId(700) == 1, "a node has its envelope");
        await nodes.PublishAsync(100);
        await using var watcher = await StartAsync();

        await HasAsync(watcher, Cursor(100, 100), 1);
        await HasAsync(watcher, Cursor(200, 100), 1);
        Assert.DoesNotContain("\"700\"", await watcher.ScrapeAsync("text/plain"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_registry_that_cannot_be_read_is_counted_and_the_nodes_stay_watched()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100);
        await using var proxy = await RpcProxy.StartAsync(Fixture.Anvil.HttpUrl);
        await using var watcher = await WatcherUnderTest.StartAsync(
            proxy.Url, null, [.. Settings, "--contracts.settlement-chain.node-registry-refresh-interval", "200ms"]);
        await HasAsync(watcher, Up(100), 1);

        proxy.Fault = (method, _, forward) =>
            method == "eth_call" ? RpcProxy.Error(-32000, "not now") : RpcProxy.Pass(forward);
        await Eventually.IsAsync(
            async () => await watcher.WatchMetricAsync(RegistryErrors) >= 2, "both reads failed");
        Assert.Equal(1, await watcher.WatchMetricAsync(Up(100)));
        Assert.Single(watcher.LinesOf(8301));

        proxy.Fault = (_, _, forward) => RpcProxy.Pass(forward);
        await watcher.Logs.UntilAsync(() => watcher.LinesOf(8303).Count == 1, Cancel);
    }

    [Fact]
    public async Task Off_by_default_it_has_no_series_and_no_connections()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100);
        await using var edge = new TcpFaultProxy(nodes[100].Address.Port);
        await Fixture.Chain.SetHttpAddressAsync(100, $"http://127.0.0.1:{edge.Port}", Cancel);
        await using var watcher = await WatcherUnderTest.StartAsync(
            Fixture.Anvil.HttpUrl, Fixture.Anvil.WebSocketUrl, "--watcher.state-folder", Folder);
        await watcher.IsReadyAsync();
        await Fixture.Chain.AddToNetworkAsync(100, Cancel);

        Assert.DoesNotContain(Prefix, await watcher.ScrapeAsync("text/plain"), StringComparison.Ordinal);
        Assert.Equal(404, (await watcher.GetAsync("/v1/network")).Status);
        Assert.DoesNotContain("\"network\"", (await watcher.GetAsync("/readyz")).Body, StringComparison.Ordinal);
        Assert.Equal(0, edge.Accepted);
    }

    [Fact]
    public async Task Only_the_watcher_that_leads_watches_the_nodes()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100);
        var first = await StartAsync();
        await HasAsync(first, Up(100), 1);
        await using var second = await StartAsync();
        await Eventually.IsAsync(
            async () => (await second.GetAsync("/readyz")).Body.Contains("another watcher", StringComparison.Ordinal), "the other leads");
        Assert.Null(await second.WatchMetricAsync(Up(100)));
        Assert.Equal(503, (await second.GetAsync("/v1/network")).Status);

        await first.DisposeAsync();
        await HasAsync(second, Up(100), 1);
    }

    [Fact]
    public async Task The_original_s_variables_of_its_network_watcher_are_taken()
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100);
        var variables = new Dictionary<string, string?>
        {
            ["SETTLEMENT_CHAIN_RPC_URL"] = Fixture.Anvil.HttpUrl.ToString(),
            ["PAYER_REGISTRY_ADDRESS"] = ChainAddresses.PayerRegistry.ToString(),
            ["PAYER_REPORT_MANAGER_ADDRESS"] = ChainAddresses.PayerReportManager.ToString(),
            ["NODE_REGISTRY_ADDRESS"] = ChainAddresses.NodeRegistry.ToString(),
            ["NODE_REGISTRY_REFRESH_INTERVAL"] = "60s",
            ["RECONNECT_MIN_BACKOFF"] = "1s",
            ["RECONNECT_MAX_BACKOFF"] = "30s",
            ["METRICS_PORT"] = "0",
            ["XMTPD_WATCHER_STATE_FOLDER"] = Folder,
            ["XMTPD_WATCHER_NETWORK"] = "true",
        };
        await using (var watcher = await WatcherUnderTest.StartWithAsync([], variables)) await HasAsync(watcher, Up(100), 1);

        variables.Remove("NODE_REGISTRY_ADDRESS");
        var refused = await Assert.ThrowsAsync<GatewayStartException>(() => WatcherUnderTest.StartWithAsync([], variables));
        Assert.StartsWith(
            "--contracts.settlement-chain.node-registry-address (XMTPD_SETTLEMENT_CHAIN_NODE_REGISTRY_ADDRESS): required with " +
            "--watcher.network",
            Assert.Single(refused.Faults),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--watcher.network-min-backoff", "XMTPD_WATCHER_NETWORK_MIN_BACKOFF")]
    [InlineData("--watcher.network-max-backoff", "XMTPD_WATCHER_NETWORK_MAX_BACKOFF")]
    [InlineData("--watcher.network-max-silence", "XMTPD_WATCHER_NETWORK_MAX_SILENCE")]
    [InlineData("--contracts.settlement-chain.node-registry-refresh-interval", "XMTPD_SETTLEMENT_CHAIN_NODE_REGISTRY_REFRESH_INTERVAL")]
    public async Task A_wait_above_the_maximum_of_a_timer_becomes_that_maximum(string flag, string variable)
    {
        await using var nodes = await NodesUnderWatch.StartAsync(Fixture.Chain, 100);
        await using var watcher = await WatcherUnderTest.StartAsync(
            Fixture.Anvil.HttpUrl, null, "--watcher.state-folder", Folder, "--watcher.network", flag, "1200h");
        await HasAsync(watcher, Up(100), 1);
        Assert.Single(
            watcher.Logs.Lines,
            line => line.Contains($"{flag} ({variable}): longer than a timer can wait; it is read as 576h", StringComparison.Ordinal));
    }

    private string[] Settings =>
    [
        "--watcher.state-folder", Folder,
        "--watcher.network", "--watcher.network-min-backoff", "50ms", "--watcher.network-max-backoff", "1s",
    ];

    private Task<WatcherUnderTest> StartAsync() =>
        WatcherUnderTest.StartAsync(Fixture.Anvil.HttpUrl, Fixture.Anvil.WebSocketUrl, _clock, Settings);

    private static Task HasAsync(WatcherUnderTest watcher, string series, double value) =>
        Eventually.IsAsync(async () => await watcher.WatchMetricAsync(series) == value, $"{series} is {value}");

    private static string Cursor(uint publisher, uint originator) => $"{Prefix}cursor{Pair(publisher, originator)}";

    private static string Lag(uint publisher, uint originator) => $"{Prefix}cursor_lag{Pair(publisher, originator)}";

    private static string Pair(uint publisher, uint originator) =>
        $"{{originator_node_id=\"{originator}\",publisher_node_id=\"{publisher}\"}}";

    private static string Divergence(uint originator) => $"{Prefix}cursor_divergence{{originator_node_id=\"{originator}\"}}";

    private static string Up(uint publisher) => $"{Prefix}node_up{{publisher_node_id=\"{publisher}\"}}";

    private static string Errors(uint publisher, string reason) =>
        $"{Prefix}node_stream_errors_total{{publisher_node_id=\"{publisher}\",reason=\"{reason}\"}}";

    private static int Of(JsonElement node, string what, uint originator) => node.GetProperty(what).GetProperty($"{originator}").GetInt32();

    // The name of a series and those of its labels.
    private static string Shape(string line) =>
        string.Join(' ', [line.Split('{', ' ')[0], .. Label().Matches(line).Select(match => match.Groups[1].Value)]);

    [GeneratedRegex("([a-z_]+)=\"")]
    private static partial Regex Label();
}
