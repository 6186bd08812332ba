using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>What a watcher says that has no URL of the App Chain, and settings that only make sense with one.</summary>
public sealed class SettlementOnlyTests : OnItsOwnChain
{
    private string[] Enough =>
    [
        "--contracts.environment", "anvil", "--rpc-url", Fixture.Anvil.HttpUrl.ToString(), "--metrics.metrics-port", "0",
        "--watcher.state-folder", Folder,
    ];

    [Fact]
    public async Task Settings_of_the_App_Chain_are_a_warning_that_names_them()
    {
        await using var watcher = await WatcherUnderTest.StartWithAsync(
            [
                .. Enough, "--contracts.app-chain.group-message-broadcaster-address", ChainAddresses.GroupMessageBroadcaster.ToString(),
            ],
            new() { ["XMTPD_APP_CHAIN_DEPLOYMENT_BLOCK"] = "3" });
        var line = Assert.Single(watcher.LinesOf(8106));
        Assert.Contains("Warning", line, StringComparison.Ordinal);
        Assert.Contains("--contracts.app-chain.group-message-broadcaster-address", line, StringComparison.Ordinal);
        Assert.Contains("XMTPD_APP_CHAIN_DEPLOYMENT_BLOCK", line, StringComparison.Ordinal);
        Assert.Contains("XMTPD_APP_CHAIN_RPC_URL", line, StringComparison.Ordinal);
        Assert.Empty(watcher.LinesOf(8105));
    }

    [Fact]
    public async Task A_Redis_without_notifications_is_a_warning()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var watcher = await WatcherUnderTest.StartWithAsync([.. Enough, "--redis.redis-url", redis.ConnectionString]);
        Assert.Contains("XMTPD_APP_CHAIN_RPC_URL", Assert.Single(watcher.LinesOf(8107)), StringComparison.Ordinal);
        Assert.Empty(watcher.LinesOf(8105));
    }

    [Fact]
    public async Task A_WebSocket_URL_of_the_App_Chain_alone_is_a_fault_that_names_both()
    {
        var refused = await Assert.ThrowsAsync<GatewayStartException>(
            () => WatcherUnderTest.StartWithAsync(
                [.. Enough, "--contracts.app-chain.wss-url", Fixture.Anvil.WebSocketUrl.ToString()]));
        Assert.Equal(
            "--contracts.app-chain.rpc-url (XMTPD_APP_CHAIN_RPC_URL): required with --contracts.app-chain.wss-url " +
                "(XMTPD_APP_CHAIN_WSS_URL)",
            Assert.Single(refused.Faults));
    }
}
