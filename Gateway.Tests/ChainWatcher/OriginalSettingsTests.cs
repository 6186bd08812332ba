using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>The original chain watcher's flags and variables, as its deployments have them.</summary>
public sealed class OriginalSettingsTests : IAsyncLifetime
{
    private readonly DevChainFixture _fixture = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("watcher").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Rpc => _fixture.Anvil.HttpUrl.ToString();

    private string Wss => _fixture.Anvil.WebSocketUrl.ToString();

    // Its own settings are the original's: only the folder is not.
    private Dictionary<string, string?> Variables => new()
    {
        ["SETTLEMENT_CHAIN_RPC_URL"] = Rpc,
        ["SETTLEMENT_CHAIN_WSS_URL"] = Wss,
        ["XMTPD_CONTRACTS_ENVIRONMENT"] = "anvil",
        ["MAX_CHAIN_DISCONNECT_TIME"] = "5m",
        ["BACKFILL_BLOCK_PAGE_SIZE"] = "500",
        ["ACTIVE_ORIGINATOR_WINDOW"] = "150m",
        ["METRICS_PORT"] = "0",
        ["XMTPD_WATCHER_STATE_FOLDER"] = _folder,
    };

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Its_flags_alone_follow_the_settlement_chain_and_listen_where_it_listens()
    {
        await SubmitAsync();
        await using var watcher = await WatcherUnderTest.StartWithAsync(
        [
            "--rpc-url", Rpc, "--wss-url", Wss, "--prm-address", ChainAddresses.PayerReportManager.ToString(),
            "--pr-address", ChainAddresses.PayerRegistry.ToString(), "--deploy-block", "0", "--metrics-port", "0",
            "--log.log-level", "INFO", "--watcher.state-folder", _folder,
        ]);
        await IsSettlementFollowedAsync(watcher);
    }

    [Fact]
    public async Task Its_variables_alone_follow_the_settlement_chain_and_listen_where_it_listens()
    {
        await SubmitAsync();
        await using var watcher = await WatcherUnderTest.StartWithAsync([], Variables);
        await IsSettlementFollowedAsync(watcher);
    }

    [Fact]
    public async Task Its_name_of_the_environment_counts_and_an_address_that_is_given_wins_over_its_own()
    {
        var variables = Variables;
        variables.Remove("XMTPD_CONTRACTS_ENVIRONMENT");
        await using var watcher = await WatcherUnderTest.StartWithAsync(
            ["--contracts-env=anvil", "--metrics.metrics-address", "127.0.0.1"], variables);
        await watcher.IsReadyAsync();
        Assert.Equal("127.0.0.1", watcher.Url.Host);
    }

    [Fact]
    public async Task An_address_that_is_given_replaces_that_of_the_environment()
    {
        await SubmitAsync();
        var variables = Variables;
        variables.Remove("XMTPD_CONTRACTS_ENVIRONMENT");
        variables["PAYER_REGISTRY_ADDRESS"] = ChainAddresses.PayerRegistry.ToString();
        variables["DEPLOYMENT_BLOCK"] = "1";
        await using var watcher = await WatcherUnderTest.StartWithAsync(
            [
                "--contracts-env", "testnet", "--prm-address", ChainAddresses.PayerReportManager.ToString(),
                "--contracts.settlement-chain.node-registry-address", ChainAddresses.NodeRegistry.ToString(),
                "--contracts.settlement-chain.rate-registry-address", ChainAddresses.RateRegistry.ToString(),
                "--contracts.settlement-chain.chain-id", "31337",
            ],
            variables);
        await IsSettlementFollowedAsync(watcher);
        var contracts = watcher.Options<ContractsOptions>();
        Assert.Equal(("testnet", 1ul), (contracts.Environment, contracts.SettlementChain.DeploymentBlock));

        var refused = await Assert.ThrowsAsync<GatewayStartException>(() => WatcherUnderTest.StartWithAsync(
            ["--prm-address", "0x00000000000000000000000000000000000000a1"], Variables));
        Assert.StartsWith(
            "--contracts.settlement-chain.payer-report-manager-address (XMTPD_SETTLEMENT_CHAIN_PAYER_REPORT_MANAGER_ADDRESS): ",
            Assert.Single(refused.Faults),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_the_watcher_s_own_name_of_the_port_it_listens_on_loopback()
    {
        var variables = Variables;
        variables.Remove("METRICS_PORT");
        await using var watcher = await WatcherUnderTest.StartWithAsync(["--metrics.metrics-port=0"], variables);
        Assert.Equal("127.0.0.1", watcher.Url.Host);
    }

    [Fact]
    public async Task Two_names_of_a_setting_that_disagree_are_a_fault_that_names_both()
    {
        var variables = Variables;
        variables["XMTPD_SETTLEMENT_CHAIN_MAX_CHAIN_DISCONNECT_TIME"] = "6m";
        var refused = await Assert.ThrowsAsync<GatewayStartException>(
            () => WatcherUnderTest.StartWithAsync(["--metrics-port=0", "--metrics.metrics-port=1"], variables));
        Assert.Equal(
            [
                "--metrics.metrics-port (XMTPD_METRICS_METRICS_PORT): --metrics-port and --metrics.metrics-port name this setting, " +
                    "and have different values; expected one of them",
                "--contracts.settlement-chain.max-chain-disconnect-time (XMTPD_SETTLEMENT_CHAIN_MAX_CHAIN_DISCONNECT_TIME): " +
                    "XMTPD_SETTLEMENT_CHAIN_MAX_CHAIN_DISCONNECT_TIME and MAX_CHAIN_DISCONNECT_TIME name this setting, " +
                    "and have different values; expected one of them",
            ],
            refused.Faults);
    }

    [Fact]
    public async Task Two_names_of_a_setting_that_agree_are_none_and_a_flag_wins_over_both_variables()
    {
        var variables = Variables;
        variables["XMTPD_SETTLEMENT_CHAIN_MAX_CHAIN_DISCONNECT_TIME"] = "300s";
        variables["XMTPD_METRICS_METRICS_PORT"] = "1";
        await using var watcher = await WatcherUnderTest.StartWithAsync(["--metrics-port=0"], variables);
        await watcher.IsReadyAsync();
        Assert.NotEqual(1, watcher.Url.Port);
    }

    [Fact]
    public async Task A_wrong_value_is_reported_with_the_name_that_it_was_given_by()
    {
        var variables = Variables;
        variables["ACTIVE_ORIGINATOR_WINDOW"] = "150";
        var refused = await Assert.ThrowsAsync<GatewayStartException>(() => WatcherUnderTest.StartWithAsync([], variables));
        Assert.EndsWith("it was given as ACTIVE_ORIGINATOR_WINDOW", Assert.Single(refused.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_that_Kubernetes_sets_for_a_service_is_ignored_with_a_warning()
    {
        var variables = Variables;
        variables["METRICS_PORT"] = "tcp://10.0.0.1:8008";
        await using var watcher = await WatcherUnderTest.StartWithAsync(["--metrics.metrics-port=0"], variables);
        Assert.Equal("127.0.0.1", watcher.Url.Host);
        Assert.StartsWith("METRICS_PORT: ", LinkOf(watcher), StringComparison.Ordinal);

        variables["XMTPD_METRICS_METRICS_PORT"] = "0";
        variables["XMTPD_WATCHER_STATE_FOLDER"] = Path.Combine(_folder, "other");
        await using var other = await WatcherUnderTest.StartWithAsync([], variables);
        Assert.NotEqual(8008, other.Url.Port);
        Assert.StartsWith("METRICS_PORT: ", LinkOf(other), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_its_contracts_and_its_URL_each_of_them_is_a_fault()
    {
        var refused = await Assert.ThrowsAsync<GatewayStartException>(() => WatcherUnderTest.StartWithAsync(["--metrics-port=0"]));
        Assert.Equal(
            [
                "--contracts.settlement-chain.rpc-url (XMTPD_SETTLEMENT_CHAIN_RPC_URL)",
                "--contracts.settlement-chain.payer-registry-address (XMTPD_SETTLEMENT_CHAIN_PAYER_REGISTRY_ADDRESS)",
                "--contracts.settlement-chain.payer-report-manager-address (XMTPD_SETTLEMENT_CHAIN_PAYER_REPORT_MANAGER_ADDRESS)",
            ],
            refused.Faults.Select(fault => fault.Split(':')[0]));
    }

    [Theory]
    [InlineData("--rpc-url", "")]
    [InlineData("--rpc-url=")]
    public async Task An_empty_flag_counts_as_unset_and_is_named_when_it_is_required(params string[] empty)
    {
        var refused = await Assert.ThrowsAsync<GatewayStartException>(() => WatcherUnderTest.StartWithAsync([.. empty], Variables));
        Assert.Equal(
            "--contracts.settlement-chain.rpc-url (XMTPD_SETTLEMENT_CHAIN_RPC_URL): required; --rpc-url was given, and is empty",
            Assert.Single(refused.Faults));
    }

    [Fact]
    public async Task An_empty_flag_leaves_the_value_that_another_name_has()
    {
        await using var watcher = await WatcherUnderTest.StartWithAsync(
            [
                "--metrics-port", "", "--metrics.metrics-port", "0", "--contracts.settlement-chain.rpc-url", Rpc, "--rpc-url=",
                "--prm-address", "", "--deploy-block=",
            ],
            new() { ["XMTPD_WATCHER_STATE_FOLDER"] = _folder, ["XMTPD_CONTRACTS_ENVIRONMENT"] = "anvil" });
        await watcher.IsReadyAsync();
        Assert.Equal("127.0.0.1", watcher.Url.Host);
    }

    [Fact]
    public async Task A_flag_without_a_value_is_reported_by_name()
    {
        var refused = await Assert.ThrowsAsync<GatewayStartException>(
            () => WatcherUnderTest.StartWithAsync(["--deploy-block", "--rpc-url", Rpc], Variables));
        Assert.Equal(
            "--contracts.settlement-chain.deployment-block (XMTPD_SETTLEMENT_CHAIN_DEPLOYMENT_BLOCK): a value is missing after " +
                "--deploy-block",
            Assert.Single(refused.Faults));
    }

    [Fact]
    public async Task URLs_under_two_names_disagree_if_only_their_credentials_differ()
    {
        var refused = await Assert.ThrowsAsync<GatewayStartException>(() => WatcherUnderTest.StartWithAsync(
            [
                "--rpc-url", "http://a:1@127.0.0.1:1", "--contracts.settlement-chain.rpc-url", "http://b:2@127.0.0.1:1",
                "--contracts.start-timeout", "1ms",
            ],
            Variables));
        Assert.Contains(refused.Faults, fault => fault.Contains("have different values", StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_Redis_the_chain_s_id_is_required()
    {
        await using var redis = await RedisServer.StartAsync();
        var refused = await Assert.ThrowsAsync<GatewayStartException>(() => WatcherUnderTest.StartWithAsync(
        [
            "--rpc-url", Rpc, "--prm-address", ChainAddresses.PayerReportManager.ToString(),
            "--pr-address", ChainAddresses.PayerRegistry.ToString(), "--metrics-port", "0",
            "--redis.redis-url", redis.ConnectionString,
        ]));
        Assert.StartsWith(
            "--contracts.settlement-chain.chain-id (XMTPD_SETTLEMENT_CHAIN_CHAIN_ID): required with Redis",
            Assert.Single(refused.Faults),
            StringComparison.Ordinal);
    }

    // The text of the warning.
    private static string LinkOf(WatcherUnderTest watcher) =>
        Assert.Single(watcher.Logs.Lines, line => line.Contains("Kubernetes", StringComparison.Ordinal)).Split("] ", 2)[1];

    private static async Task IsSettlementFollowedAsync(WatcherUnderTest watcher)
    {
        await watcher.IsReadyAsync();
        Assert.Equal("0.0.0.0", watcher.Url.Host);
        Assert.Equal((200, "ok"), await watcher.GetAsync("/health"));
        Assert.Equal(1, await watcher.MetricAsync("xmtp_chain_report_submitted_total{originator_id=\"100\"}"));
        Assert.Equal(1, await watcher.MetricAsync("xmtp_chain_active_originator_nodes"));
        Assert.Null(await watcher.WatchMetricAsync("xmtp_chain_watcher_live{chain=\"app-chain\"}"));
        Assert.NotNull(await watcher.WatchMetricAsync("xmtp_chain_watcher_live{chain=\"settlement-chain\"}"));
        Assert.Equal(400, (await watcher.GetAsync("/v1/history?chain=app-chain")).Status);
        Assert.Single(watcher.LinesOf(8105));
        Assert.Empty(watcher.LinesOf(8106).Concat(watcher.LinesOf(8107)));
    }

    private async Task SubmitAsync() =>
        await _fixture.Chain.SubmitReportAsync(100, 0, 10, 1, Bytes32.Parse("0x" + new string('a', 64)), [100], [100], Cancel);
}
