using Xmtp.Gateway.Chain;
using Xmtp.Gateway.ChainWatcher.Hosting;
using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>Zeros of the original chain watcher's settings, which mean that nothing is given.</summary>
public sealed class OriginalZerosTests : OnItsOwnChain
{
    private Dictionary<string, string?> Variables => new()
    {
        ["SETTLEMENT_CHAIN_RPC_URL"] = Fixture.Anvil.HttpUrl.ToString(),
        ["METRICS_PORT"] = "0",
        ["XMTPD_WATCHER_STATE_FOLDER"] = Folder,
    };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_zero_of_the_deployment_block_is_the_block_of_the_deployment(bool isFlag)
    {
        await SubmitAsync(1);
        var head = await Fixture.Rpc.GetBlockAsync(BlockTag.Latest, Cancel);
        await SubmitAsync(2);
        var variables = Variables;
        variables["XMTPD_CONTRACTS_CONFIG_JSON"] =
            $$"""
            {"payerReportManager": "{{ChainAddresses.PayerReportManager}}", "payerRegistry": "{{ChainAddresses.PayerRegistry}}",
             "settlementChainDeploymentBlock": {{head.Value!.Number + 1}}}
            """;
        if (!isFlag) variables["DEPLOYMENT_BLOCK"] = "0";
        await using var watcher = await WatcherUnderTest.StartWithAsync(isFlag ? ["--deploy-block", "0"] : [], variables);
        await watcher.IsReadyAsync();
        Assert.Equal(head.Value!.Number + 1, watcher.Options<ContractsOptions>().SettlementChain.DeploymentBlock);
        Assert.Equal(1, await watcher.MetricAsync("xmtp_chain_report_submitted_total{originator_id=\"100\"}"));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0s")]
    public async Task A_zero_of_a_time_or_of_the_page_size_is_the_default(string time)
    {
        var variables = Variables;
        variables["XMTPD_CONTRACTS_ENVIRONMENT"] = "anvil";
        variables["MAX_CHAIN_DISCONNECT_TIME"] = time;
        variables["BACKFILL_BLOCK_PAGE_SIZE"] = "0";
        variables["ACTIVE_ORIGINATOR_WINDOW"] = time;
        variables["RECONNECT_MIN_BACKOFF"] = time;
        variables["RECONNECT_MAX_BACKOFF"] = time;
        await using var watcher = await WatcherUnderTest.StartWithAsync([], variables);
        var chain = watcher.Options<ContractsOptions>().SettlementChain;
        Assert.Equal((TimeSpan.FromMinutes(5), 500), (chain.MaxChainDisconnectTime, chain.BackfillBlockPageSize));
        var options = watcher.Options<WatcherOptions>();
        Assert.Equal(
            (TimeSpan.FromMinutes(150), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)),
            (options.ActiveOriginatorWindow, options.NetworkMinBackoff, options.NetworkMaxBackoff));
    }

    [Fact]
    public async Task A_zero_under_one_name_leaves_the_value_that_another_name_has()
    {
        var variables = Variables;
        variables["XMTPD_CONTRACTS_ENVIRONMENT"] = "anvil";
        variables["MAX_CHAIN_DISCONNECT_TIME"] = "0";
        variables["XMTPD_SETTLEMENT_CHAIN_MAX_CHAIN_DISCONNECT_TIME"] = "6m";
        variables["DEPLOYMENT_BLOCK"] = "0";
        variables["XMTPD_SETTLEMENT_CHAIN_DEPLOYMENT_BLOCK"] = "1";
        await using var watcher = await WatcherUnderTest.StartWithAsync([], variables);
        var chain = watcher.Options<ContractsOptions>().SettlementChain;
        Assert.Equal((TimeSpan.FromMinutes(6), 1ul), (chain.MaxChainDisconnectTime, chain.DeploymentBlock));
    }

    private async Task SubmitAsync(ulong number) => await Fixture.Chain.SubmitReportAsync(
        100, (number - 1) * 10, number * 10, (uint)number, Bytes32.Parse("0x" + new string('a', 64)), [100], [100], Cancel);
}
