using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>Every flag and every variable of the original's gateway at 822ddc95, with its default where it has one.</summary>
public sealed class OriginalFlagsTests
{
    private const string Contract = "0xd19F631634Bdb0e31217Ee22139025B75Ce6EA5C";

    // Null is one that is given in place of the environment.
    public static TheoryData<string, string, string?> Settings => new()
    {
        { "api.enable", "XMTPD_API_ENABLE", "true" },
        { "api.send-keep-alive-interval", "XMTPD_API_SEND_KEEP_ALIVE_INTERVAL", "30s" },
        { "api.port", "XMTPD_API_PORT", "5050" },
        { "api.originator-cache-ttl", "XMTPD_API_ORIGINATOR_CACHE_TTL", "5m" },
        { "api.require-payer-positive-balance", "XMTPD_API_REQUIRE_PAYER_POSITIVE_BALANCE", "true" },
        { "api.require-replication-node-auth", "XMTPD_API_REQUIRE_REPLICATION_NODE_AUTH", "true" },
        { "contracts.config-file-path", "XMTPD_CONTRACTS_CONFIG_FILE_PATH", null },
        { "contracts.config-json", "XMTPD_CONTRACTS_CONFIG_JSON", null },
        { "contracts.environment", "XMTPD_CONTRACTS_ENVIRONMENT", "anvil" },
        { "contracts.app-chain.rpc-url", "XMTPD_APP_CHAIN_RPC_URL", "http://127.0.0.1:1" },
        { "contracts.app-chain.wss-url", "XMTPD_APP_CHAIN_WSS_URL", "ws://127.0.0.1:1" },
        { "contracts.app-chain.chain-id", "XMTPD_APP_CHAIN_CHAIN_ID", "31337" },
        { "contracts.app-chain.max-chain-disconnect-time", "XMTPD_APP_CHAIN_MAX_CHAIN_DISCONNECT_TIME", "60s" },
        { "contracts.app-chain.backfill-block-page-size", "XMTPD_APP_CHAIN_BACKFILL_BLOCK_PAGE_SIZE", "500" },
        { "contracts.app-chain.group-message-broadcaster-address", "XMTPD_APP_CHAIN_GROUP_MESSAGE_BROADCAST_ADDRESS", Contract },
        { "contracts.app-chain.identity-update-broadcaster-address", "XMTPD_APP_CHAIN_IDENTITY_UPDATE_BROADCAST_ADDRESS", Contract },
        { "contracts.app-chain.gateway-address", "XMTPD_APP_CHAIN_GATEWAY_ADDRESS", Contract },
        { "contracts.app-chain.parameter-registry-address", "XMTPD_APP_CHAIN_PARAMETER_REGISTRY_ADDRESS", Contract },
        { "contracts.app-chain.deployment-block", "XMTPD_APP_CHAIN_DEPLOYMENT_BLOCK", "0" },
        { "contracts.app-chain.max-blockchain-payload-size", "XMTPD_APP_CHAIN_MAX_BLOCKCHAIN_PAYLOAD_SIZE", "200000" },
        { "contracts.settlement-chain.rpc-url", "XMTPD_SETTLEMENT_CHAIN_RPC_URL", "http://127.0.0.1:1" },
        { "contracts.settlement-chain.wss-url", "XMTPD_SETTLEMENT_CHAIN_WSS_URL", "ws://127.0.0.1:1" },
        { "contracts.settlement-chain.chain-id", "XMTPD_SETTLEMENT_CHAIN_CHAIN_ID", "31337" },
        { "contracts.settlement-chain.max-chain-disconnect-time", "XMTPD_SETTLEMENT_CHAIN_MAX_CHAIN_DISCONNECT_TIME", "300s" },
        { "contracts.settlement-chain.backfill-block-page-size", "XMTPD_SETTLEMENT_CHAIN_BACKFILL_BLOCK_PAGE_SIZE", "500" },
        { "contracts.settlement-chain.node-registry-address", "XMTPD_SETTLEMENT_CHAIN_NODE_REGISTRY_ADDRESS", Contract },
        { "contracts.settlement-chain.node-registry-refresh-interval", "XMTPD_SETTLEMENT_CHAIN_NODE_REGISTRY_REFRESH_INTERVAL", "60s" },
        { "contracts.settlement-chain.rate-registry-address", "XMTPD_SETTLEMENT_CHAIN_RATE_REGISTRY_ADDRESS", Contract },
        { "contracts.settlement-chain.rate-registry-refresh-interval", "XMTPD_SETTLEMENT_CHAIN_RATE_REGISTRY_REFRESH_INTERVAL", "300s" },
        { "contracts.settlement-chain.parameter-registry-address", "XMTPD_SETTLEMENT_CHAIN_PARAMETER_REGISTRY_ADDRESS", Contract },
        { "contracts.settlement-chain.payer-registry-address", "XMTPD_SETTLEMENT_CHAIN_PAYER_REGISTRY_ADDRESS", Contract },
        { "contracts.settlement-chain.payer-report-manager-address", "XMTPD_SETTLEMENT_CHAIN_PAYER_REPORT_MANAGER_ADDRESS", Contract },
        { "contracts.settlement-chain.gateway-address", "XMTPD_SETTLEMENT_CHAIN_GATEWAY_ADDRESS", Contract },
        { "contracts.settlement-chain.distribution-manager-address", "XMTPD_SETTLEMENT_CHAIN_DISTRIBUTION_MANAGER_ADDRESS", Contract },
        { "contracts.settlement-chain.deployment-block", "XMTPD_SETTLEMENT_CHAIN_DEPLOYMENT_BLOCK", "0" },
        { "contracts.settlement-chain.underlying-fee-token-address", "XMTPD_SETTLEMENT_CHAIN_UNDERLYING_FEE_TOKEN_ADDRESS", Contract },
        { "contracts.settlement-chain.fee-token-address", "XMTPD_SETTLEMENT_CHAIN_FEE_TOKEN_ADDRESS", Contract },
        { "metrics.enable", "XMTPD_METRICS_ENABLE", "true" },
        { "metrics.metrics-address", "XMTPD_METRICS_METRICS_ADDRESS", "127.0.0.1" },
        { "metrics.metrics-port", "XMTPD_METRICS_METRICS_PORT", "8008" },
        { "payer.private-key", "XMTPD_PAYER_PRIVATE_KEY", GatewayUnderTest.Key },
        { "payer.enable", "XMTPD_PAYER_ENABLE", "true" },
        { "payer.node-selector-strategy", "XMTPD_PAYER_NODE_SELECTOR_STRATEGY", "stable" },
        { "payer.node-selector-preferred-nodes", "XMTPD_PAYER_NODE_SELECTOR_PREFERRED_NODES", "100,200" },
        { "payer.node-selector-cache-expiry", "XMTPD_PAYER_NODE_SELECTOR_CACHE_EXPIRY", "5m" },
        { "payer.node-selector-connect-timeout", "XMTPD_PAYER_NODE_SELECTOR_CONNECT_TIMEOUT", "2s" },
        { "payer.envelope-publish-timeout", "XMTPD_PAYER_ENVELOPE_PUBLISH_TIMEOUT", "30s" },
        { "payer.envelope-publish-retries", "XMTPD_PAYER_ENVELOPE_PUBLISH_RETRIES", "5" },
        { "tracing.enable", "XMTPD_TRACING_ENABLE", "true" },
        { "reflection.enable", "XMTPD_REFLECTION_ENABLE", "true" },
        { "log.log-level", "XMTPD_LOG_LEVEL", "INFO" },
        { "log.log-encoding", "XMTPD_LOG_ENCODING", "console" },
        { "redis.redis-url", "XMTPD_REDIS_URL", "redis://127.0.0.1:1/0" },
        { "redis.key-prefix", "XMTPD_REDIS_KEY_PREFIX", "xmtpd:" },
        { "redis.connect-timeout", "XMTPD_REDIS_CONNECT_TIMEOUT", "10s" },
    };

    private static IEnumerable<(string Flag, string Variable, string Value)> Given =>
        Settings.Select(row => row.Data).Where(row => row.Item3 is not null).Select(row => (row.Item1, row.Item2, row.Item3!));

    [Theory]
    [MemberData(nameof(Settings))]
    public void A_flag_and_its_variable_name_one_setting_with_the_original_s_default(string flag, string variable, string? value)
    {
        var setting = GatewaySettings.Table().Find("--" + flag);
        Assert.NotNull(setting);
        Assert.Contains(variable, setting.Variables);
        if (setting is { Default: { } ours, IsSwitch: false }) Assert.True(setting.AreSame(ours, value!), $"{ours} is not {value}");
    }

    [Fact]
    public async Task All_flags_together_and_all_variables_together_are_right()
    {
        Assert.Equal(55, Settings.Count);
        await using var flags = GatewayUnderTest.Build(Given.Select(given => $"--{given.Flag}={given.Value}"));
        await using var variables = GatewayUnderTest.Build([], Given.ToDictionary(given => given.Variable, given => (string?)given.Value));
        foreach (var gateway in new[] { flags, variables })
        {
            var checks = gateway.App.Services.GetRequiredService<StartChecks>();
            Assert.Empty(checks.ConfigurationFaults());
            Assert.Empty(checks.ConfigurationWarnings());
        }
    }
}
