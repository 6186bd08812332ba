using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.ChainWatcher;

/// <summary>What a watcher makes of a real chain's events. Each test has a chain of its own: figures are about all of it.</summary>
public sealed class WatcherTests : IAsyncLifetime
{
    private readonly DevChainFixture _fixture = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("watcher").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static EthereumAddress Own => DevAccounts.Signer(1).Address;

    private DevChain Chain => _fixture.Chain;

    public ValueTask InitializeAsync() => _fixture.InitializeAsync();

    public async ValueTask DisposeAsync()
    {
        await _fixture.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Reports_are_counted_timed_and_added_up_by_originator()
    {
        await Chain.SubmitReportAsync(100, 0, 10, 1, Root('a'), [100, 200], [100, 200], Cancel);
        await TravelAsync(400);
        await Chain.SettleReportAsync(100, 0, 2, [(Own, new Microdollars(7))], Cancel);
        await Chain.SettleReportAsync(100, 0, 2, [(DevAccounts.Signer(2).Address, new Microdollars(8))], Cancel);
        await Chain.SubmitReportAsync(200, 0, 0, 1, default, [], [], Cancel);
        await TravelAsync(50);
        await using var watcher = await StartAsync();
        await watcher.IsReadyAsync();
        const string Took = "xmtp_chain_submission_to_settlement_seconds";

        Assert.Equal(1, await watcher.MetricAsync("xmtp_chain_report_submitted_total{originator_id=\"100\"}"));
        Assert.Equal(1, await watcher.MetricAsync("xmtp_chain_report_settled_total{originator_id=\"100\"}"));
        Assert.Equal(1, await watcher.MetricAsync("xmtp_chain_report_settled_total{originator_id=\"200\"}"));
        Assert.Equal(10, await watcher.MetricAsync("xmtp_chain_envelope_range_total{originator_id=\"100\"}"));
        Assert.Equal(0, await watcher.MetricAsync("xmtp_chain_envelope_range_gap{originator_id=\"100\"}"));
        Assert.Equal(2, await watcher.MetricAsync("xmtp_chain_attesting_node_count{originator_id=\"100\"}"));
        Assert.Equal(2, await watcher.MetricAsync("xmtp_chain_active_originator_nodes"));
        Assert.Equal(15_000_000, await watcher.MetricAsync("xmtp_chain_fees_settled_picodollars{originator_id=\"100\"}"));
        Assert.Equal(2, await watcher.MetricAsync("xmtp_chain_usage_settled_total"));
        Assert.Equal(1, await watcher.MetricAsync($"{Took}_count{{originator_id=\"100\"}}"));
        Assert.InRange((await watcher.MetricAsync($"{Took}_sum{{originator_id=\"100\"}}"))!.Value, 400, 460);
        Assert.Equal(0, await watcher.MetricAsync($"{Took}_bucket{{originator_id=\"100\",le=\"300.0\"}}"));
        Assert.Equal(1, await watcher.MetricAsync($"{Took}_bucket{{originator_id=\"100\",le=\"600.0\"}}"));
        Assert.Equal(0, await watcher.MetricAsync("xmtp_chain_event_faults_total{chain=\"settlement-chain\"}"));
    }

    [Fact]
    public async Task Events_of_one_second_are_listed_newest_first()
    {
        await Chain.SetAutomineAsync(false, Cancel);
        var deposits = new List<Task>();
        for (var amount = 1; amount <= 4; amount++)
        {
            deposits.Add(Chain.DepositAsync(Own, new Microdollars(amount), Cancel));
            await Eventually.IsAsync(
                async () => (await Chain.Rpc.GetTransactionCountAsync(
                    DevAccounts.Administrator, BlockTag.Pending, Cancel)).OrThrow() == (ulong)amount,
                "it is in the mempool");
        }

        await Chain.MineAsync(1, Cancel);
        await Chain.SetAutomineAsync(true, Cancel);
        await Task.WhenAll(deposits);
        await using var watcher = await StartAsync();
        await watcher.IsReadyAsync();

        var events = (await watcher.JsonAsync("/v1/history?type=Deposit")).GetProperty("events").EnumerateArray().ToList();
        Assert.Single(events.Select(entry => entry.GetProperty("time").GetUInt64()).Distinct());
        Assert.Equal(["4", "3", "2", "1"], events.Select(entry => entry.GetProperty("microdollars").GetString()));
    }

    [Fact]
    public async Task Each_chain_is_shown_with_its_newest_block_and_the_blocks_that_are_still_to_be_read()
    {
        await using var watcher = await StartAsync();
        await watcher.IsReadyAsync();
        var before = (await ChainsAsync(watcher))[0].GetProperty("head").GetUInt64();
        await Chain.MineAsync(3, Cancel);
        await Eventually.IsAsync(
            async () => (await ChainsAsync(watcher)).All(chain => chain.GetProperty("head").GetUInt64() == before + 3
                && chain.GetProperty("behind").GetInt64() == 0 && chain.GetProperty("unavailableSeconds").GetInt64() == 0
                && chain.GetProperty("headTime").GetUInt64() > 0),
            "both follow the chain");
        Assert.Equal(
            ["app-chain", "settlement-chain"], (await ChainsAsync(watcher)).Select(chain => chain.GetProperty("name").GetString()));
    }

    private static async Task<List<JsonElement>> ChainsAsync(WatcherUnderTest watcher) =>
        [.. (await watcher.JsonAsync("/v1/chains")).GetProperty("chains").EnumerateArray()];

    [Fact]
    public async Task Other_bounds_of_payloads_are_in_the_history()
    {
        await using var watcher = await StartAsync();
        await watcher.IsReadyAsync();

        await Chain.SetPayloadSizesAsync(ChainAddresses.GroupMessageBroadcaster, 100, 5_000, Cancel);

        await Eventually.IsAsync(async () => await watcher.EventsAsync("MaxPayloadSizeUpdated") == 1, "the new bound is counted");
        var events = (await watcher.JsonAsync("/v1/history?chain=app-chain")).GetProperty("events").EnumerateArray().ToList();
        Assert.Equal(
            [
                $"{ChainAddresses.GroupMessageBroadcaster} takes at most 5000 bytes",
                $"{ChainAddresses.GroupMessageBroadcaster} takes at least 100 bytes",
            ],
            events.Select(entry => entry.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task The_own_payers_deposits_usage_withdrawals_and_debt_are_followed_live()
    {
        await using var watcher = await StartAsync();
        await watcher.IsReadyAsync();

        await Chain.DepositAsync(Own, new Microdollars(1_000), Cancel);
        await Chain.DepositAsync(DevAccounts.Signer(2).Address, new Microdollars(5), Cancel);
        await Chain.RequestWithdrawalAsync(Own, new Microdollars(300), Cancel);
        await Chain.CancelWithdrawalAsync(Own, Cancel);
        await Chain.RequestWithdrawalAsync(Own, new Microdollars(400), Cancel);
        await Chain.FinalizeWithdrawalAsync(Own, Cancel);
        await Chain.SettleUsageAsync(Root('1'), [(Own, new Microdollars(700))], Cancel);

        await Eventually.IsAsync(
            async () => await watcher.MetricAsync("xmtp_chain_payer_debt_microdollars") == 100, "100 microdollars are owed");
        Assert.Equal(-100, await watcher.MetricAsync("xmtp_chain_payer_balance_microdollars"));
        var balance = (await new PayerRegistryContract(Chain.Rpc, ChainAddresses.PayerRegistry).GetBalanceAsync(Own, Cancel)).OrThrow();
        Assert.Equal(new Microdollars(-100), balance);
        var payer = await watcher.JsonAsync("/v1/payer");
        Assert.Equal(
            ["1000", "700", "0", "400", "-100", "100", "microdollars"], payer.EnumerateObject().Select(member => member.Value.GetString()));
        var spend = Assert.Single((await watcher.JsonAsync($"/v1/spend?payer={Own}")).GetProperty("days").EnumerateArray());
        Assert.Equal("700", spend.GetProperty("microdollars").GetString());
        var history = (await watcher.JsonAsync("/v1/history?chain=settlement-chain&type=Deposit"))
            .GetProperty("events")
            .EnumerateArray()
            .ToList();
        Assert.Equal(2, history.Count);
        Assert.All(history, entry => Assert.True(entry.GetProperty("time").GetUInt64() > 0));
        Assert.Equal(400, (await watcher.GetAsync("/v1/history?limit=0")).Status);
        Assert.Equal(400, (await watcher.GetAsync("/v1/history?chain=moon")).Status);
    }

    [Fact]
    public async Task A_report_that_is_not_settled_within_two_cycles_is_logged_once_and_shown_until_it_is()
    {
        await Chain.SubmitReportAsync(100, 0, 10, 1, Root('b'), [100], [100], Cancel);
        await TravelAsync(40);
        await using var watcher = await StartAsync("--watcher.report-cycle", "1m");
        await watcher.IsReadyAsync();
        Assert.Equal(0, await watcher.MetricAsync("xmtp_chain_stuck_reports{originator_id=\"100\"}"));

        await TravelAsync(100);
        await watcher.Logs.UntilAsync(
            () => watcher.Logs.Lines.Any(line => line.Contains("report 0 of node 100", StringComparison.Ordinal)), Cancel);
        Assert.Equal(1, await watcher.MetricAsync("xmtp_chain_stuck_reports{originator_id=\"100\"}"));
        await Chain.SettleReportAsync(100, 0, 1, [(Own, new Microdollars(7))], Cancel);

        await Eventually.IsAsync(
            async () => await watcher.MetricAsync("xmtp_chain_stuck_reports{originator_id=\"100\"}") == 0, "it is settled");
        Assert.Single(watcher.Logs.Lines, line => line.Contains("report 0 of node 100", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_a_reorganization_took_back_is_taken_back_and_a_replay_shows_the_same()
    {
        await using var watcher = await StartAsync("--watcher.state-folder", Path.Combine(_folder, "one"));
        await Chain.DepositAsync(Own, new Microdollars(1_000), Cancel);
        await Chain.SubmitReportAsync(100, 0, 10, 1, Root('c'), [100], [100], Cancel);
        await Chain.SettleReportAsync(100, 0, 1, [(Own, new Microdollars(40))], Cancel);
        await Eventually.IsAsync(async () => await watcher.EventsAsync("UsageSettled") == 1, "the charge was seen");

        // The last two blocks become empty ones.
        await Chain.ReorganizeAsync(2, Cancel);
        await Eventually.IsAsync(async () => await watcher.EventsAsync("UsageSettled") == 0, "the charge was taken back");
        await Chain.DepositAsync(Own, new Microdollars(5), Cancel);
        await Eventually.IsAsync(async () => await watcher.MetricAsync("xmtp_chain_payer_balance_microdollars") == 1_005, "it goes on");
        Assert.Null(await watcher.MetricAsync("xmtp_chain_report_submitted_total{originator_id=\"100\"}"));
        await watcher.IsReadyAsync();

        await using var replay = await StartAsync("--watcher.state-folder", Path.Combine(_folder, "other"));
        await replay.IsReadyAsync();
        Assert.Equal(await replay.FiguresAsync(), await watcher.FiguresAsync());
    }

    [Fact]
    public async Task A_restarted_watcher_continues_where_it_was_and_counts_nothing_twice()
    {
        for (var round = 1; round <= 3; round++)
        {
            await Chain.DepositAsync(Own, new Microdollars(1), Cancel);
            await Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, round % 2 == 1, Cancel);
            await using var watcher = await StartAsync();
            await watcher.IsReadyAsync();
            await Chain.DepositAsync(Own, new Microdollars(1), Cancel);
            await Eventually.IsAsync(async () => await watcher.EventsAsync("Deposit") == round * 2, "both are counted");
            Assert.Equal(round, await watcher.EventsAsync("PauseStatusUpdated"));
            Assert.Equal(round * 2, await watcher.MetricAsync("xmtp_chain_payer_balance_microdollars"));
        }

        await using var last = await StartAsync("--watcher.payer-address", DevAccounts.Signer(2).Address.ToString());
        await last.IsReadyAsync();
        Assert.Equal(6, await last.EventsAsync("Deposit"));
        Assert.Equal(0, await last.MetricAsync("xmtp_chain_payer_balance_microdollars"));
        Assert.Contains(last.Logs.Lines, line => line.Contains("another payer", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_watcher_that_ends_in_the_middle_of_history_counts_the_rest_of_it_and_nothing_twice()
    {
        const int Blocks = 300;
        for (var block = 0; block < Blocks; block++)
            await Chain.SettleUsageAsync(Root('7'), [.. Enumerable.Range(0, 10).Select(_ => (Own, new Microdollars(1)))], Cancel);
        await Chain.MineAsync(300, Cancel);
        var (first, crashed) = (Path.Combine(_folder, "first"), Path.Combine(_folder, "crashed"));
        string[] slowly = ["--contracts.settlement-chain.backfill-block-page-size", "1", "--watcher.save-interval", "1ms"];
        await using (var watcher = await StartAsync([.. slowly, "--watcher.state-folder", first]))
        {
            // What lies in the folder at any moment is what a crash at that moment leaves.
            await Eventually.IsAsync(() => File.Exists(Path.Combine(first, "one-chain.json")), "a checkpoint is there");
            Directory.CreateDirectory(crashed);
            File.Copy(Path.Combine(first, "one-chain.json"), Path.Combine(crashed, "one-chain.json"));
        }

        foreach (var state in (string[])[first, crashed])
        {
            await using var watcher = await StartAsync([.. slowly, "--watcher.state-folder", state]);
            await watcher.IsReadyAsync();
            Assert.Equal(Blocks * 10, await watcher.EventsAsync("UsageSettled"));
            Assert.Equal(Blocks * 10, await watcher.MetricAsync("xmtp_chain_payer_debt_microdollars"));
        }
    }

    [Fact]
    public async Task A_watcher_that_shares_the_gateway_s_key_file_follows_the_payer_of_that_key()
    {
        var file = Path.Combine(_folder, "key");
        await File.WriteAllTextAsync(file, DevAccounts.PrivateKeys[2] + "\n", Cancel);
        await Chain.DepositAsync(DevAccounts.Signer(2).Address, new Microdollars(77), Cancel);
        await using var watcher = await StartAsync("--watcher.payer-address=", "--payer.private-key-file", file);
        await watcher.IsReadyAsync();
        Assert.Equal(77, await watcher.MetricAsync("xmtp_chain_payer_balance_microdollars"));
        var missing = await Assert.ThrowsAsync<GatewayStartException>(
            () => StartAsync("--watcher.payer-address=", "--payer.private-key-file", file + ".none"));
        Assert.StartsWith(
            "--payer.private-key-file (XMTPD_PAYER_PRIVATE_KEY_FILE)", Assert.Single(missing.Faults), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watcher_that_resumes_from_a_checkpoint_is_not_ready_before_it_knows_the_head()
    {
        await Chain.MineAsync(5, Cancel);
        await using (var before = await StartAsync()) await before.IsReadyAsync();
        var (asked, answered) = (new TaskCompletionSource(
            TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(
                TaskCreationOptions.RunContinuationsAsynchronously));
        await using var proxy = await RpcProxy.StartAsync(_fixture.Anvil.HttpUrl);
        proxy.Fault = async (method, parameters, forward) =>
        {
            if (method != "eth_getBlockByNumber" || parameters[0].GetString() != "latest") return await forward();
            asked.TrySetResult();
            await answered.Task;
            return await forward();
        };
        await using var watcher = await WatcherUnderTest.StartAsync(proxy.Url, null, "--watcher.state-folder", _folder);
        await asked.Task.WaitAsync(Cancel);

        var (status, body) = await watcher.GetAsync("/readyz");
        answered.SetResult();

        Assert.Equal(503, status);
        Assert.Contains("the head is not known yet", body, StringComparison.Ordinal);
        Assert.Equal(200, (await watcher.GetAsync("/livez")).Status);
        await watcher.IsReadyAsync();
    }

    [Fact]
    public async Task A_second_watcher_on_the_same_folder_is_not_ready_and_counts_nothing()
    {
        await using var one = await StartAsync();
        await one.IsReadyAsync();
        await using var other = await StartAsync();

        var (status, body) = await other.GetAsync("/readyz");

        Assert.Equal(503, status);
        Assert.Contains("same state folder", body, StringComparison.Ordinal);
        Assert.Equal(200, (await other.GetAsync("/livez")).Status);
        Assert.Empty(await other.FiguresAsync());
        Assert.Equal(503, (await other.GetAsync("/v1/history")).Status);
        Assert.Equal(503, (await other.GetAsync("/v1/chains")).Status);
    }

    [Fact]
    public async Task A_chain_outage_makes_the_watcher_not_ready_until_it_ends()
    {
        await using var proxy = new TcpFaultProxy(_fixture.Anvil.HttpUrl.Port);
        await using var watcher = await StartBehindAsync(proxy);
        await watcher.IsReadyAsync();

        proxy.Mode = ProxyMode.Cut;
        await AreLostAsync(watcher);
        proxy.Mode = ProxyMode.Pass;

        await watcher.IsReadyAsync();
    }

    [Fact]
    public async Task A_chain_that_has_not_answered_a_new_leader_is_lost_until_it_does()
    {
        await using var proxy = new TcpFaultProxy(_fixture.Anvil.HttpUrl.Port);
        await using var leader = await StartAsync();
        await leader.IsReadyAsync();
        await using var watcher = await StartBehindAsync(proxy);
        proxy.Mode = ProxyMode.Cut;
        await leader.DisposeAsync();

        await AreLostAsync(watcher);
        proxy.Mode = ProxyMode.Pass;

        await watcher.IsReadyAsync();
    }

    // Both chains count as lost after two seconds.
    private Task<WatcherUnderTest> StartBehindAsync(TcpFaultProxy proxy) => WatcherUnderTest.StartAsync(
        proxy.Through(_fixture.Anvil.HttpUrl),
        null,
        "--watcher.state-folder",
        _folder,
        "--contracts.app-chain.max-chain-disconnect-time",
        "2s",
        "--contracts.settlement-chain.max-chain-disconnect-time",
        "2s");

    private static Task AreLostAsync(WatcherUnderTest watcher) => Eventually.IsAsync(
        async () => (await watcher.GetAsync("/readyz")) is (503, var body)
            && body.Contains("lost: app-chain, settlement-chain", StringComparison.Ordinal)
            && body.Contains("the provider of the app-chain has not answered since 20", StringComparison.Ordinal),
        "both chains are lost");

    private Task<WatcherUnderTest> StartAsync(params string[] more) =>
        WatcherUnderTest.StartAsync(_fixture.Anvil.HttpUrl, _fixture.Anvil.WebSocketUrl, ["--watcher.state-folder", _folder, .. more]);

    private static Bytes32 Root(char digit) => Bytes32.Parse("0x" + new string(digit, 64));

    private async Task TravelAsync(int seconds)
    {
        await Chain.PassTimeAsync(TimeSpan.FromSeconds(seconds), Cancel);
        await Chain.MineAsync(1, Cancel);
    }
}
