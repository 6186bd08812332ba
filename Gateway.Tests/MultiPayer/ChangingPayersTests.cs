using System.Collections.Concurrent;
using System.Text.Json;
using Google.Rpc;
using Grpc.Core;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.Identity.Jwt;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>A payers file that changes while the gateway runs, in front of real nodes and a real chain.</summary>
public sealed class ChangingPayersTests(ChangingPayersFixture box) : IClassFixture<ChangingPayersFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_payer_that_is_added_under_load_serves_and_nobody_elses_call_fails()
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var answers = new ConcurrentBag<StatusCode>();
        var load = Task.WhenAll(Enumerable.Range(0, 4).Select(async caller =>
        {
            // Each of another size, since repetitions have a bound of their own.
            for (var i = 0; !enough.IsCancellationRequested; i++)
                answers.Add((await box.PublishAsync(Envelopes.Welcome((byte)(200 + caller), 100 + i), Key("stays"))).Code);
        }));

        box.File.With("comes", 42, ChangingPayersFixture.ByKey("comes"));
        await box.EndsWithAsync(StatusCode.OK, "comes", 1);
        var message = Envelopes.Welcome(2);
        box.AssertSigned(await box.PublishAsync(message, Key("comes")), 42, message);
        await box.GiveGasAsync(42);
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Commit(2), Key("comes"))).Code);
        await enough.CancelAsync();
        await load;

        Assert.NotEmpty(answers);
        Assert.All(answers, code => Assert.Equal(StatusCode.OK, code));
        Assert.Contains("xmtp_gateway_payer_info{", await box.GetAsync("/metrics"), StringComparison.Ordinal);
        Assert.Contains("payer=\"comes\"", await box.GetAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payer_that_is_taken_out_finishes_its_transaction_and_its_callers_are_refused_meanwhile()
    {
        var commit = await ServeWithPendingCommitAsync("goes", 43, 10);

        box.File.Without("goes");
        await box.EndsWithAsync(StatusCode.PermissionDenied, "goes", 11);
        var refused = await box.PublishAsync(Envelopes.Welcome(11), Key("goes"));
        Assert.Equal("NO_PAYER", refused.Detail<ErrorInfo>().Reason);
        Assert.Contains("goes", await box.LeavingAsync());
        Assert.False(commit.IsCompleted);

        await MineAsync();
        var answer = await commit;
        Assert.Equal((StatusCode.OK, ""), (answer.Code, answer.Message));
        Assert.Equal(1ul, await NonceAsync(43, BlockTag.Latest));
        await Eventually.IsAsync(async () => !(await box.LeavingAsync()).Contains("goes"), "the payer has left");
        await Eventually.IsAsync(
            () => box.Logs.Lines.Any(line => line.Contains("the payer goes, ", StringComparison.Ordinal)
                || line.Contains("could not be read again", StringComparison.Ordinal)),
            "the log tells it");
        Assert.DoesNotContain(box.Logs.Lines, line => line.Contains("could not be read again", StringComparison.Ordinal));
        Assert.DoesNotContain("payer=\"goes\"", await box.GetAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payer_that_comes_back_while_it_finishes_serves_on_with_its_own_nonces()
    {
        var first = await ServeWithPendingCommitAsync("again", 44, 20);
        box.File.Without("again");
        await box.EndsWithAsync(StatusCode.PermissionDenied, "again", 21);

        box.File.With("another", 44, ChangingPayersFixture.ByKey("another"));
        await box.HasFaultAsync("still finishes as again");
        box.File.Without("another").With("again", 44, ChangingPayersFixture.ByKey("again"));
        await box.EndsWithAsync(StatusCode.OK, "again", 22);
        var second = box.PublishAsync(Envelopes.Commit(21), Key("again"));
        await Eventually.IsAsync(async () => await NonceAsync(44, BlockTag.Pending) == 2, "another nonce is used");
        await MineAsync();

        Assert.Equal((StatusCode.OK, StatusCode.OK), ((await first).Code, (await second).Code));
        Assert.Equal(2ul, await NonceAsync(44, BlockTag.Latest));
    }

    [Fact]
    public async Task A_broken_file_changes_nothing_and_says_why_without_any_value()
    {
        var before = await VersionAsync();
        box.File.Containing($$"""{ "payers": [{ "name": "broken", "privateKey": "{{PayersFileOnDisk.KeyOf(66)}}" }] }""");

        await box.HasFaultAsync("payers[0] (broken): \"privateKey\" is not known here");
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(30), Key("stays"))).Code);
        Assert.Equal(before, await VersionAsync());
        Assert.Matches("xmtp_gateway_payers_file_refused_total(\\{\\})? [1-9]", await FileMetricsAsync());
        Assert.Matches("xmtp_gateway_payers_file_faults(\\{\\})? [1-9]", await FileMetricsAsync());
        Assert.Contains($"xmtp_gateway_payers_file_info{{version=\"{before}\"}} 1", await FileMetricsAsync(), StringComparison.Ordinal);
        var line = Assert.Single(box.Logs.Lines, line => line.Contains("payers[0] (broken): \"privateKey\"", StringComparison.Ordinal));
        Assert.Contains("callers: expected at least one rule", line, StringComparison.Ordinal);
        Assert.DoesNotContain(box.Logs.Lines, one => one.Contains(PayersFileOnDisk.KeyOf(66), StringComparison.OrdinalIgnoreCase));

        box.File.Restored();
        await Eventually.IsAsync(async () => (await box.FaultsAsync()).Count == 0, "the file is as before");
        Assert.Matches("xmtp_gateway_payers_file_faults(\\{\\})? 0", await FileMetricsAsync());
    }

    [Fact]
    public async Task A_wallet_that_serves_already_is_refused_by_either_name_and_nothing_else_of_the_file_is_used()
    {
        box.File.With("also", 45, ChangingPayersFixture.ByKey("also"))
            .With("twin", ChangingPayersFixture.SeedOfStays, ChangingPayersFixture.ByKey("twin"));
        await box.HasFaultAsync("is the address of stays too");
        Assert.Equal(StatusCode.PermissionDenied, (await box.PublishAsync(Envelopes.Welcome(40), Key("also"))).Code);

        // The same wallet by another name would be in two containers until the first has finished.
        box.File.Without("stays");
        await box.HasFaultAsync("still serves as stays");
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(41), Key("stays"))).Code);

        box.File.Without("twin").With("stays", ChangingPayersFixture.SeedOfStays, ChangingPayersFixture.ByKey("stays"));
        await box.EndsWithAsync(StatusCode.OK, "also", 42);
    }

    [Fact]
    public async Task A_key_of_a_node_is_refused_as_at_the_start()
    {
        box.File.With("node", null, ChangingPayersFixture.ByKey("node"));

        await box.HasFaultAsync("is the key of node");

        box.File.Without("node");
        await Eventually.IsAsync(async () => (await box.FaultsAsync()).Count == 0, "the file is as before");
    }

    [Fact]
    public async Task A_key_file_that_comes_after_the_payers_file_is_found()
    {
        var path = JsonSerializer.Serialize(box.File.PathOf("late.key"));
        box.File.With("early", null, ChangingPayersFixture.ByKey("early", $"\"privateKeyFile\": {path},"));
        await box.HasFaultAsync("privateKeyFile: there is no such file");

        box.File.WriteKey(PayersFileOnDisk.KeyOf(46), "late.key");

        await box.EndsWithAsync(StatusCode.OK, "early", 50);
    }

    [Fact]
    public async Task Callers_origins_and_issuers_of_a_payer_change_without_a_restart()
    {
        (string, string) page = ("origin", "https://new.example");
        box.File.With("moves", 47, ChangingPayersFixture.ByKey("moves", "\"origins\": [\"https://old.example\"],"));
        await box.EndsWithAsync(StatusCode.OK, "moves", 60);
        Assert.Equal(StatusCode.PermissionDenied, (await box.PublishAsync(Envelopes.Welcome(61), Key("moves"), page)).Code);

        box.File.WithIssuer("https://moves.example", box.Issuer.KeysUrl, TokenIssuer.Audience).Changed(
            "moves", 47, """ "origins": ["https://new.example"], "callers": [{ "issuer": "https://moves.example" }] """);
        (string, string) token = ("authorization", $"Bearer {box.Issuer.Token("alice", issuer: "https://moves.example")}");
        await Eventually.IsAsync(
            async () => (await box.PublishAsync(Envelopes.Welcome(62), token, page)).Code == StatusCode.OK, "the token is accepted");
        Assert.Equal(StatusCode.Unauthenticated, (await box.PublishAsync(Envelopes.Welcome(63), Key("moves"))).Code);
        Assert.Equal("https://new.example", await box.AllowedOriginAsync("https://new.example"));
        Assert.Null(await box.AllowedOriginAsync("https://old.example"));
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(64), Key("stays"))).Code);
        box.File.WithoutIssuers().Without("moves");
        await Eventually.IsAsync(
            async () => (await box.PublishAsync(Envelopes.Welcome(65), token)).Code == StatusCode.PermissionDenied, "the issuer is gone");
    }

    [Fact]
    public async Task Limits_nodes_and_levels_of_a_payer_change_while_its_transaction_is_in_flight()
    {
        var commit = await ServeWithPendingCommitAsync("grows", 48, 70, "\"limits\": \"4/1h gateway\",");
        for (byte i = 71; i < 73; i++) Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(i), Key("grows"))).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await box.PublishAsync(Envelopes.Welcome(73), Key("grows"))).Code);

        box.File.Changed("grows", 48, ChangingPayersFixture.ByKey("grows", """
            "limits": "900/1h gateway", "nodeSelectorStrategy": "ordered", "preferredNodes": [200], "payerWarning": 7000000,
            """));
        await box.EndsWithAsync(StatusCode.OK, "grows", 73);
        for (byte i = 74; i < 84; i++)
        {
            var answer = await box.PublishAsync(Envelopes.Welcome(i), Key("grows"));
            Assert.Equal((StatusCode.OK, 200u), (answer.Code, ChangingPayersFixture.NodeOf(answer)));
        }

        Assert.Equal(7_000_000ul, box.FundsOf("grows").PayerWarning);
        await MineAsync();
        Assert.Equal(StatusCode.OK, (await commit).Code);
    }

    [Fact]
    public async Task A_payer_with_another_key_signs_with_it_while_the_old_one_finishes()
    {
        var old = await ServeWithPendingCommitAsync("rotates", 49, 90);
        await box.GiveGasAsync(50);

        box.File.Changed("rotates", 50, ChangingPayersFixture.ByKey("rotates"));
        await Eventually.IsAsync(async () => (await box.LeavingAsync()).Contains("rotates"), "the old key finishes");
        var message = Envelopes.Welcome(91);
        box.AssertSigned(await box.PublishAsync(message, Key("rotates")), 50, message);
        var later = box.PublishAsync(Envelopes.Commit(91), Key("rotates"));
        await Eventually.IsAsync(async () => await NonceAsync(50, BlockTag.Pending) == 1, "the new key sends");
        await MineAsync();

        Assert.Equal((StatusCode.OK, StatusCode.OK), ((await old).Code, (await later).Code));
        Assert.Equal((1ul, 1ul), (await NonceAsync(49, BlockTag.Latest), await NonceAsync(50, BlockTag.Latest)));
        await Eventually.IsAsync(async () => !(await box.LeavingAsync()).Contains("rotates"), "the old key has left");
        Assert.Contains("payer=\"rotates\"", await box.GetAsync("/metrics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_payer_comes_with_senders_and_other_senders_need_a_restart()
    {
        box.File.With("sends", 51, ChangingPayersFixture.ByKey("sends", box.File.Senders(52, 53)));
        foreach (byte seed in new byte[] { 52, 53 }) await box.GiveGasAsync(seed);
        await box.EndsWithAsync(StatusCode.OK, "sends", 100);
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Commit(100), Key("sends"))).Code);
        Assert.Equal(0ul, await NonceAsync(51, BlockTag.Latest));
        Assert.Equal(1ul, await NonceAsync(52, BlockTag.Latest) + await NonceAsync(53, BlockTag.Latest));

        box.File.Changed("sends", 51, ChangingPayersFixture.ByKey("sends", box.File.Senders(52)));
        await box.HasFaultAsync("(sends): senders: other ones than at the start need a restart");
        box.File.Changed("sends", 51, ChangingPayersFixture.ByKey("sends", box.File.Senders(53, 52)))
            .With("takes", 54, ChangingPayersFixture.ByKey("takes", box.File.Senders(52)));
        await box.HasFaultAsync("is the address of a sender of sends too");
        box.File.Without("takes").With("pays", 52, ChangingPayersFixture.ByKey("pays")).Without("sends");
        await box.HasFaultAsync("still sends for sends");
        box.File.Without("pays");
        await Eventually.IsAsync(async () => (await box.FaultsAsync()).Count == 0, "the file can be used");
        await box.EndsWithAsync(StatusCode.PermissionDenied, "sends", 101);
    }

    // Adds a payer, and publishes a commit with it that waits for a block.
    private async Task<Task<Answer>> ServeWithPendingCommitAsync(string payer, byte seedOfPayer, byte seed, string more = "")
    {
        box.File.With(payer, seedOfPayer, ChangingPayersFixture.ByKey(payer, more));
        await box.EndsWithAsync(StatusCode.OK, payer, seed);
        await box.GiveGasAsync(seedOfPayer);
        await box.Network.Chain.SetAutomineAsync(false, Cancel);
        var commit = box.PublishAsync(Envelopes.Commit(seed), Key(payer));
        await Eventually.IsAsync(async () => await NonceAsync(seedOfPayer, BlockTag.Pending) == 1, "the transaction is sent");
        return commit;
    }

    // What waits, and each transaction from now on.
    private async Task MineAsync()
    {
        await box.Network.Chain.SetAutomineAsync(true, Cancel);
        await box.Network.Chain.MineAsync(1, Cancel);
    }

    private static (string, string) Key(string payer) => ChangingPayersFixture.KeyOf(payer);

    private async Task<string?> VersionAsync() => (await box.OverviewAsync()).GetProperty("file").GetProperty("version").GetString();

    private async Task<string> FileMetricsAsync() => string.Join(
        '\n',
        (await box.GetAsync("/metrics")).Split('\n')
            .Where(line => line.StartsWith("xmtp_gateway_payers_file", StringComparison.Ordinal)));

    private async Task<ulong> NonceAsync(byte seed, BlockTag at) =>
        (await box.Network.Chain.Rpc.GetTransactionCountAsync(PayersFileOnDisk.SignerOf(seed).Address, at, Cancel)).OrThrow();
}
