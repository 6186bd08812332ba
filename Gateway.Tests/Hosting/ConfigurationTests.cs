using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Endpoints;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Tests.Hosting;

public sealed class ConfigurationTests
{
    [Fact]
    public async Task A_flag_wins_over_its_variable_and_a_variable_over_appsettings()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Xmtp:Payer:EnvelopePublishRetries"] = "7",
            ["Xmtp:Payer:EnvelopePublishTimeout"] = "7s",
            ["Xmtp:Payer:NodeSelectorCacheExpiry"] = "7m",
            ["XMTPD_PAYER_ENVELOPE_PUBLISH_RETRIES"] = "8",
            ["XMTPD_PAYER_ENVELOPE_PUBLISH_TIMEOUT"] = "8s",
        };
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--payer.envelope-publish-retries=9"], settings);
        var payer = gateway.Options<BroadcastNetworkOptions>();
        Assert.Equal(
            (9, TimeSpan.FromSeconds(8), TimeSpan.FromMinutes(7)),
            (payer.EnvelopePublishRetries, payer.EnvelopePublishTimeout, payer.NodeSelectorCacheExpiry));
    }

    [Fact]
    public async Task Every_default_that_help_shows_is_the_default_in_force()
    {
        await using var gateway = GatewayUnderTest.Build(GatewayUnderTest.Enough);
        var table = GatewaySettings.Table();
        var shown = table.Settings.Where(setting => setting.Default is not null)
            .SelectMany(setting => new[] { $"--{setting.Flag}={setting.Default}" });
        await using var told = GatewayUnderTest.Build([.. shown, .. GatewayUnderTest.Enough]);
        Assert.Equivalent(gateway.Options<ApiOptions>(), told.Options<ApiOptions>(), strict: true);
        Assert.Equivalent(gateway.Options<BroadcastNetworkOptions>(), told.Options<BroadcastNetworkOptions>(), strict: true);
        Assert.Equivalent(gateway.Options<RedisOptions>(), told.Options<RedisOptions>(), strict: true);
        Assert.Equivalent(gateway.Options<MetricsOptions>(), told.Options<MetricsOptions>(), strict: true);
        Assert.Equivalent(gateway.Options<LogOptions>(), told.Options<LogOptions>(), strict: true);
        Assert.Equal(
            gateway.Options<ContractsOptions>().AppChain.MaxBlockchainPayloadSize,
            told.Options<ContractsOptions>().AppChain.MaxBlockchainPayloadSize);
        Assert.Equal(
            gateway.Options<ContractsOptions>().SettlementChain.MaxChainDisconnectTime,
            told.Options<ContractsOptions>().SettlementChain.MaxChainDisconnectTime);
    }

    [Theory]
    [InlineData("--api.port", "6001")]
    [InlineData("--api.port=6001")]
    [InlineData("-p", "6001")]
    [InlineData("-p6001")]
    [InlineData("-p=6001")]
    [InlineData("--api.port=1", "--api.port=6001")]
    public async Task A_flag_may_be_written_in_each_of_the_original_s_ways(params string[] args)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, .. args]);
        Assert.Equal(6001, gateway.Options<ApiOptions>().Port);
    }

    [Theory]
    [InlineData(true, "--metrics.enable")]
    [InlineData(true, "--metrics.enable=true")]
    [InlineData(true, "--metrics.enable", "TRUE")]
    [InlineData(true, "--metrics.enable", "--reflection.enable")]
    [InlineData(false, "--metrics.enable=false")]
    [InlineData(false, "--metrics.enable", "false")]
    [InlineData(false)]
    public async Task A_switch_has_no_value_or_true_or_false(bool expected, params string[] args)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, .. args]);
        Assert.Equal(expected, gateway.Options<MetricsOptions>().Enable);
    }

    [Theory]
    [InlineData("300ms", 0.3)]
    [InlineData("2s", 2)]
    [InlineData("1.5s", 1.5)]
    [InlineData("5m", 300)]
    [InlineData("1h30m", 5400)]
    [InlineData("1h2m3s4ms", 3723.004)]
    [InlineData("250us", 0.00025)]
    [InlineData("250µs", 0.00025)]
    public async Task Durations_are_written_as_in_Go(string text, double seconds)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--payer.envelope-publish-timeout", text]);
        Assert.Equal(TimeSpan.FromSeconds(seconds), gateway.Options<BroadcastNetworkOptions>().EnvelopePublishTimeout);
    }

    [Theory]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("5 s")]
    [InlineData("5x")]
    [InlineData("-5s")]
    [InlineData("0s")]
    [InlineData("1..5s")]
    [InlineData("99999999999h")]
    public async Task An_invalid_duration_is_a_fault(string text)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, $"--payer.envelope-publish-timeout={text}"]);
        var fault = Assert.Single(await gateway.FaultsAsync(), fault => !fault.Contains("rpc-url", StringComparison.Ordinal));
        Assert.StartsWith(
            $"--payer.envelope-publish-timeout (XMTPD_PAYER_ENVELOPE_PUBLISH_TIMEOUT): \"{text}\" is wrong; expected a duration",
            fault,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("XMTPD_REDIS_URL")]
    [InlineData("XMTPD_REDIS_CONNECTION_STRING")]
    public async Task Both_names_of_the_store_s_variable_count(string name)
    {
        await using var gateway = GatewayUnderTest.Build(GatewayUnderTest.Enough, new() { [name] = "redis://store:6379" });
        Assert.Equal("redis://store:6379", gateway.Options<RedisOptions>().ConnectionString);
    }

    [Theory]
    [InlineData("--redis.redis-url")]
    [InlineData("--redis.connection-string")]
    public async Task Both_names_of_the_store_s_flag_count(string flag)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, flag, "redis://store:6379"]);
        Assert.Equal("redis://store:6379", gateway.Options<RedisOptions>().ConnectionString);
    }

    [Fact]
    public async Task Two_names_of_one_setting_that_disagree_are_a_fault_that_names_both()
    {
        string[] more = ["--redis.connect-timeout=1ms", "--redis.redis-url=redis://127.0.0.1:1"];
        await using var flags = GatewayUnderTest.Build(
            [.. GatewayUnderTest.Enough, .. more, "--redis.connection-string=redis://127.0.0.1:2"]);
        Assert.Contains(
            "--redis.redis-url (XMTPD_REDIS_URL): --redis.redis-url and --redis.connection-string name this setting, and have different " +
                "values; expected one of them",
            await flags.FaultsAsync());
        await using var variables = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, more[0]], new()
        {
            ["XMTPD_REDIS_URL"] = "redis://127.0.0.1:1",
            ["XMTPD_REDIS_CONNECTION_STRING"] = "redis://127.0.0.1:2",
        });
        Assert.Contains(
            "--redis.redis-url (XMTPD_REDIS_URL): XMTPD_REDIS_URL and XMTPD_REDIS_CONNECTION_STRING name this setting, and have " +
                "different values; expected one of them",
            await variables.FaultsAsync());
    }

    [Theory]
    [InlineData("100,200")]
    [InlineData(" 100 , 200 ")]
    [InlineData(",100,,200,")]
    public async Task Lists_may_have_blanks_and_empty_places(string text)
    {
        await using var gateway = GatewayUnderTest.Build(
            GatewayUnderTest.Enough, new() { ["XMTPD_PAYER_NODE_SELECTOR_PREFERRED_NODES"] = text });
        Assert.Equal([100u, 200u], gateway.Options<BroadcastNetworkOptions>().PreferredNodes);
    }

    [Fact]
    public async Task A_list_may_be_an_array_of_appsettings()
    {
        await using var gateway = GatewayUnderTest.Build(
            GatewayUnderTest.Enough, new() { ["Xmtp:Api:TrustedProxies:0"] = "10.0.0.0/8", ["Xmtp:Api:TrustedProxies:1"] = "::1" });
        Assert.Equal([IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("::1/128")], gateway.Options<ClientAddressOptions>().TrustedProxies);
    }

    [Fact]
    public async Task An_empty_variable_is_as_good_as_none()
    {
        await using var gateway = GatewayUnderTest.Build(
            GatewayUnderTest.Enough, new() { ["XMTPD_PAYER_NODE_SELECTOR_CACHE_EXPIRY"] = "", ["XMTPD_API_PORT"] = " " });
        Assert.Equal(TimeSpan.FromMinutes(5), gateway.Options<BroadcastNetworkOptions>().NodeSelectorCacheExpiry);
    }

    [Theory]
    [InlineData("\"7m\"")]
    [InlineData("'7m'")]
    public async Task Quotes_around_a_value_are_those_of_a_file_of_variables(string text)
    {
        await using var gateway = GatewayUnderTest.Build(
            GatewayUnderTest.Enough, new() { ["XMTPD_PAYER_NODE_SELECTOR_CACHE_EXPIRY"] = text, ["XMTPD_API_PORT"] = "\"\"" });
        Assert.Equal(TimeSpan.FromMinutes(7), gateway.Options<BroadcastNetworkOptions>().NodeSelectorCacheExpiry);
    }

    [Theory]
    [InlineData("\"\"", "'redis://store:6379'")]
    [InlineData("\"redis://store:6379\"", "redis://store:6379")]
    public async Task Quotes_around_nothing_are_no_value_and_change_no_value(string first, string second)
    {
        await using var gateway = GatewayUnderTest.Build(
            GatewayUnderTest.Enough, new() { ["XMTPD_REDIS_URL"] = first, ["XMTPD_REDIS_CONNECTION_STRING"] = second });
        Assert.Equal("redis://store:6379", gateway.Options<RedisOptions>().ConnectionString);
        Assert.DoesNotContain(
            gateway.App.Services.GetRequiredService<StartChecks>().ConfigurationFaults(),
            fault => fault.Contains("XMTPD_REDIS_URL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_variable_that_no_setting_has_is_a_warning_with_the_nearest_known_one()
    {
        await using var gateway = GatewayUnderTest.Build(
            GatewayUnderTest.Enough,
            new()
            {
                ["XMTPD_BUDGET"] = "a-secret",
                ["XMTPD_NOTHING_LIKE_ANY_OF_THEM"] = "1",
                ["XMTPD_WATCHER_LEASE"] = "20s",
                ["XMTPD_GATEWAY_SERVICE_HOST"] = "10.0.0.1",
                ["XMTPD_GATEWAY_SERVICE_PORT_GRPC"] = "5050",
                ["XMTPD_GATEWAY_PORT_5050_TCP_ADDR"] = "10.0.0.1",
                ["XMTPD_GATEWAY_PORT"] = "tcp://10.0.0.1:5050",
                ["OTHER_BUDGET"] = "1",
            });
        Assert.Equal(
            [
                "XMTPD_BUDGET: no setting has this variable, and it has no effect; did you mean XMTPD_BUDGETS?",
                "XMTPD_NOTHING_LIKE_ANY_OF_THEM: no setting has this variable, and it has no effect",
            ],
            gateway.App.Services.GetRequiredService<StartChecks>().ConfigurationWarnings());
    }

    [Theory]
    [InlineData("DEBUG", "debug")]
    [InlineData("Info", "info")]
    [InlineData("WARN", "warn")]
    [InlineData("error", "error")]
    public async Task Log_levels_are_the_original_s_words_in_either_case(string given, string level)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "-l", given]);
        Assert.Equal(level, gateway.Options<LogOptions>().Level);
    }

    [Fact]
    public async Task A_command_line_of_the_original_is_taken_whole()
    {
        var table = GatewaySettings.Table();
        var unused = table.Settings.Where(setting => setting.HasNoEffect)
            .Select(
                setting => setting.IsSwitch ? "--" + setting.Flag : $"--{setting.Flag}={(setting.ValueWord == "duration" ? "5m" : "0x0")}");
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, .. unused, "--api.enable", "--payer.enable"]);
        Assert.DoesNotContain(await gateway.FaultsAsync(), fault => !fault.Contains("rpc-url", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Zero_means_what_it_means_to_the_original()
    {
        await using var gateway = GatewayUnderTest.Build(
            [
                .. GatewayUnderTest.Enough, "--payer.envelope-publish-retries=0", "--payer.node-selector-cache-expiry=0",
                "--payer.node-selector-connect-timeout=0s",
            ],
            new() { ["XMTPD_APP_CHAIN_MAX_BLOCKCHAIN_PAYLOAD_SIZE"] = "0" });
        Assert.Equal(0, gateway.Options<BroadcastNetworkOptions>().EnvelopePublishRetries);
        Assert.Equal(TimeSpan.FromMinutes(5), gateway.Options<BroadcastNetworkOptions>().NodeSelectorCacheExpiry);
        Assert.Equal(TimeSpan.FromSeconds(2), gateway.Options<BroadcastNetworkOptions>().NodeSelectorConnectTimeout);
        Assert.Equal(0, gateway.Options<ContractsOptions>().AppChain.MaxBlockchainPayloadSize);
    }

    [Fact]
    public async Task Zeros_of_what_the_original_s_gateway_does_not_read_are_no_faults()
    {
        await using var gateway = GatewayUnderTest.Build(GatewayUnderTest.Enough, new()
        {
            ["XMTPD_APP_CHAIN_MAX_CHAIN_DISCONNECT_TIME"] = "0s",
            ["XMTPD_APP_CHAIN_BACKFILL_BLOCK_PAGE_SIZE"] = "0",
            ["XMTPD_SETTLEMENT_CHAIN_MAX_CHAIN_DISCONNECT_TIME"] = "0",
            ["XMTPD_SETTLEMENT_CHAIN_BACKFILL_BLOCK_PAGE_SIZE"] = "0",
        });
        Assert.DoesNotContain(await gateway.FaultsAsync(), fault => !fault.Contains("rpc-url", StringComparison.Ordinal));
        var contracts = gateway.Options<ContractsOptions>();
        Assert.Equal(
            (TimeSpan.FromSeconds(60), 500, TimeSpan.FromSeconds(300), 500),
            (
                contracts.AppChain.MaxChainDisconnectTime,
                contracts.AppChain.BackfillBlockPageSize,
                contracts.SettlementChain.MaxChainDisconnectTime,
                contracts.SettlementChain.BackfillBlockPageSize));
    }

    [Theory]
    [InlineData("ws://127.0.0.1:1/v2/key", "http://127.0.0.1:1/v2/key")]
    [InlineData("WSS://host/v2/key?x=http", "https://host/v2/key?x=http")]
    [InlineData("https://host:8545", "https://host:8545/")]
    public async Task A_URL_of_a_WebSocket_where_HTTP_is_meant_is_that_of_the_same_host(string given, string read)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--contracts.app-chain.rpc-url", given]);
        Assert.Equal(read, gateway.Options<ContractsOptions>().AppChain.RpcUrl!.AbsoluteUri);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/v2/key", "ws://127.0.0.1:1/v2/key")]
    [InlineData("https://host/v2/key", "wss://host/v2/key")]
    public async Task A_URL_of_HTTP_where_a_WebSocket_is_meant_is_that_of_the_same_host(string given, string read)
    {
        await using var gateway = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--contracts.app-chain.wss-url", given]);
        Assert.Equal(read, gateway.Options<ContractsOptions>().AppChain.WssUrl!.AbsoluteUri);
    }

    [Fact]
    public async Task Two_gateways_of_one_process_do_not_share_their_settings()
    {
        await using var one = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--payer.envelope-publish-retries=1"]);
        await using var other = GatewayUnderTest.Build([.. GatewayUnderTest.Enough, "--payer.envelope-publish-retries=2"]);
        Assert.Equal(
            (1, 2),
            (
                one.Options<BroadcastNetworkOptions>().EnvelopePublishRetries,
                other.Options<BroadcastNetworkOptions>().EnvelopePublishRetries));
    }

    [Fact]
    public async Task The_mixed_case_of_an_address_must_carry_its_checksum()
    {
        await using var gateway = GatewayUnderTest.Build([
            .. GatewayUnderTest.Enough,
            "--contracts.settlement-chain.node-registry-address=0xD19F631634Bdb0e31217Ee22139025B75Ce6EA5C",
        ]);
        Assert.Contains(
            await gateway.FaultsAsync(),
            fault => fault.StartsWith(
                "--contracts.settlement-chain.node-registry-address (XMTPD_SETTLEMENT_CHAIN_NODE_REGISTRY_ADDRESS)",
                StringComparison.Ordinal));
    }
}
