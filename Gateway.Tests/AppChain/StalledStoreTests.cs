using System.Diagnostics;
using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>The shared store does not answer for a while: that is no permission to publish what may be published already.</summary>
public sealed class StalledStoreTests(DevChainFixture chain, RedisOfOne redis)
    : IClassFixture<DevChainFixture>, IClassFixture<RedisOfOne>, IAsyncLifetime
{
    private const string StoreErrors = "xmtp_gateway_results_store_errors_total";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await chain.Chain.SetAutomineAsync(true, CancellationToken.None);
        await chain.Chain.MineAsync(1, CancellationToken.None);
    }

    [Fact]
    public async Task A_caller_that_waits_for_another_replica_keeps_waiting_while_the_store_stalls()
    {
        var replicas = await Replicas.OfAsync(chain, 90, redis.Database);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        await using var first = await replicas.StartAsync();
        await using var second = await replicas.StartAsync();
        var sending = first.PublishOnceAsync(Envelopes.Commit());
        await replicas.InMempoolAsync(1);
        var waiting = second.PublishOnceAsync(Envelopes.Commit(), TimeSpan.FromSeconds(50));
        while (second.Counted(StoreErrors) == 0) await StallAsync();
        Assert.False(waiting.IsCompleted);
        await chain.Chain.MineAsync(1, Cancel);
        Assert.Equal(TestFlow.Read(await sending).Hash, TestFlow.Read(await waiting).Hash);
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Pending));
    }

    [Fact]
    public async Task A_waiter_for_a_message_of_a_lost_replica_does_not_send_it_without_a_claim()
    {
        await using var own = await RedisServer.StartAsync();
        await using var connection = await own.ConnectAsync();
        var replicas = await Replicas.OfAsync(chain, 99, connection.GetDatabase());
        var first = await replicas.StartAsync();
        await using var second = await replicas.StartAsync();
        var (isSending, ends) = (new TaskCompletionSource(), new TaskCompletionSource());
        first.Network.Before = async (_, _) =>
        {
            isSending.SetResult();
            await ends.Task;
        };
        _ = first.PublishOnceAsync(Envelopes.Welcome(99));
        await isSending.Task.WaitAsync(Cancel);
        var waiting = second.PublishOnceAsync(Envelopes.Welcome(99), TimeSpan.FromMinutes(2));
        await Eventually.IsAsync(
            async () => (await own.AskAsync("INFO", "commandstats")).Contains("cmdstat_mget", StringComparison.Ordinal),
            "the second one waits for the first");
        await first.CrashAsync();

        // Reads show that the claim has ended, and the claim of the second is not answered.
        await own.AskAsync("CLIENT", "PAUSE", "600000", "WRITE");
        await Eventually.IsAsync(() => second.Counted(StoreErrors) > 0, "the store does not answer");
        Assert.False(waiting.IsCompleted);
        Assert.Empty(second.Network.Published);
        await own.AskAsync("CLIENT", "UNPAUSE");
        Assert.Null((await waiting).Error);
        Assert.Single(second.Network.Published);
        ends.SetResult();
    }

    [Fact]
    public async Task Without_an_answer_of_the_store_a_commit_is_not_sent_and_its_caller_gets_UNAVAILABLE()
    {
        await using var own = await RedisServer.StartAsync();
        await using var connection = await own.ConnectAsync();
        var replicas = await Replicas.OfAsync(chain, 91, redis.Database);
        await using var gateway = await replicas.StartAsync(results: connection.GetDatabase());
        await own.KillAsync();
        var outcome = await gateway.PublishOnceAsync(Envelopes.Commit(), TimeSpan.FromSeconds(4));
        Assert.Equal(PublishErrorKind.Unavailable, outcome.Error!.Kind);
        Assert.Equal("PUBLISH_STORE_UNAVAILABLE", outcome.Error.Reason);
        Assert.Equal(0UL, await replicas.CountAsync(BlockTag.Pending));

        await own.RestartAsync();
        await Eventually.IsAsync(async () => (await gateway.PublishOnceAsync(Envelopes.Commit())).Error is null, "it is published");
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit()));
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Latest));
    }

    [Fact]
    public async Task A_commit_behind_a_nonce_that_cannot_be_cancelled_without_the_store_is_UNAVAILABLE_and_mined_later()
    {
        await using var own = await RedisServer.StartAsync();
        await using var connection = await own.ConnectAsync();
        var replicas = await Replicas.OfAsync(chain, 98, connection.GetDatabase());
        var isSigning = new TaskCompletionSource();
        var signer = new SignerWithHook(replicas.Signer, number => number == 1 ? isSigning.Task : Task.CompletedTask);
        var options = TestFlow.Quick with
        {
            NonceStore = TestFlow.Quick.NonceStore with { StoreWaitTimeout = TimeSpan.FromSeconds(1) },
        };
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer, replicas.Nonces(), options);
        var lower = gateway.PublishOnceAsync(Envelopes.Commit(1), TimeSpan.FromMinutes(1));
        await Eventually.IsAsync(() => signer.Count == 1, "the first is being signed");
        var upper = gateway.PublishOnceAsync(Envelopes.Commit(2), TimeSpan.FromMinutes(1));
        await Eventually.IsAsync(() => gateway.PendingTransactions.All.Any(pending => pending.IsKnown), "the second is sent");
        await own.StopAsync();
        var lostSince = Stopwatch.StartNew();
        isSigning.SetResult();
        foreach (var outcome in await Task.WhenAll(lower, upper))
            Assert.Equal((PublishErrorKind.Unavailable, "PUBLISH_STORE_UNAVAILABLE"), (outcome.Error!.Kind, outcome.Error.Reason));

        // Its lease ends meanwhile, and the nonce is given to the cancellation.
        await Eventually.IsAsync(() => lostSince.Elapsed > TestFlow.Quick.NonceStore.Lease, "the lease of the first has ended");
        await own.ContinueAsync();
        foreach (var commit in new[] { Envelopes.Commit(2), Envelopes.Commit(1) })
            await Eventually.IsAsync(async () => (await gateway.PublishOnceAsync(commit)).Error is null, "it is published");
    }

    [Fact]
    public async Task A_caller_that_leaves_while_the_store_is_unavailable_leaves_no_claim()
    {
        await using var own = await RedisServer.StartAsync();
        await using var connection = await own.ConnectAsync();
        var replicas = await Replicas.OfAsync(chain, 92, redis.Database);
        await using var gateway = await replicas.StartAsync(results: connection.GetDatabase());
        await own.KillAsync();
        using var cancellation = new CancellationTokenSource();
        var left = gateway.PublishOnceAsync(Envelopes.Commit(), null, cancellation.Token);
        await Eventually.IsAsync(() => gateway.Counted(StoreErrors) > 0, "the store was asked");
        await cancellation.CancelAsync();
        Assert.Equal(PublishErrorKind.Cancelled, (await left).Error!.Kind);
        await own.RestartAsync();
        await Eventually.IsAsync(async () => (await gateway.PublishOnceAsync(Envelopes.Commit())).Error is null, "it is published");
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Latest));
    }

    [Fact]
    public async Task A_result_that_the_store_did_not_confirm_is_sent_again_until_it_does()
    {
        await using var own = await RedisServer.StartAsync();
        await using var connection = await own.ConnectAsync();
        var replicas = await Replicas.OfAsync(chain, 93, redis.Database);
        var stalls = new SignerWithHook(replicas.Signer, _ => connection.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "4000", "ALL"));
        await using var first = await replicas.StartAsync(with: stalls, results: connection.GetDatabase());
        var answer = TestFlow.Read(await first.PublishOnceAsync(Envelopes.Commit()));
        await Eventually.IsAsync(
            async () => (await ValuesAsync(connection)).Any(value => value.StartsWith('d')), "the result is in the store");

        await using var second = await replicas.StartAsync(results: connection.GetDatabase());
        Assert.Equal(answer.Hash, TestFlow.Read(await second.PublishOnceAsync(Envelopes.Commit())).Hash);
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Latest));
    }

    [Fact]
    public async Task An_unconfirmed_transaction_is_monitored_until_the_store_reports_its_nonce_free()
    {
        await using var proxy = new TcpFaultProxy(redis.Server.Port);
        await using var deaf = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{proxy.Port},abortConnect=false");
        var replicas = await Replicas.OfAsync(chain, 94, redis.Database);
        // Its requests still arrive when it signs; the answers do not, and soon nothing does.
        var signer = new SignerWithHook(replicas.Signer, _ => { proxy.Mode = ProxyMode.LoseAnswers; return Task.CompletedTask; });
        await using var cutOff = await replicas.StartAsync(with: signer, nonces: deaf.GetDatabase());
        await using var successor = await replicas.StartAsync();
        using var cancellation = new CancellationTokenSource();
        var publishing = cutOff.PublishOnceAsync(Envelopes.Commit(), null, cancellation.Token);
        await Eventually.IsAsync(async () => await replicas.EntriesAsync() is [{ State: NonceState.Signed }], "it is stored");
        proxy.Mode = ProxyMode.BlackHole;
        await cancellation.CancelAsync();
        Assert.NotNull((await publishing).Error);

        TestFlow.Read(await successor.PublishOnceAsync(Envelopes.Commit()));
        await Eventually.IsAsync(() => successor.Counted("xmtp_gateway_nonces_adopted_total") == 1, "it has taken the first over");
        await Eventually.IsAsync(() => successor.PendingTransactions.Count == 0, "nothing is in flight");
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Pending));
    }

    [Fact]
    public async Task A_refusal_that_the_store_did_not_confirm_releases_no_claim()
    {
        await using var rpc = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        await using var proxy = new TcpFaultProxy(redis.Server.Port);
        await using var deaf = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{proxy.Port},abortConnect=false");
        var replicas = await Replicas.OfAsync(chain, 95, redis.Database);
        rpc.Fault = (method, _, forward) =>
        {
            if (method != "eth_sendRawTransaction") return RpcProxy.Pass(forward);
            proxy.Mode = ProxyMode.BlackHole;
            return RpcProxy.Error(-32003, "insufficient funds for gas * price + value");
        };
        await using var successor = await replicas.StartAsync();
        await using var cutOff = await replicas.StartAsync(rpc.Url, nonces: deaf.GetDatabase());
        Assert.NotNull((await cutOff.PublishOnceAsync(Envelopes.Commit())).Error);

        TestFlow.Read(await successor.PublishOnceAsync(Envelopes.Commit()));
        await Eventually.IsAsync(() => successor.Counted("xmtp_gateway_nonces_adopted_total") == 1, "it has taken the first over");
        await Eventually.IsAsync(() => successor.PendingTransactions.Count == 0, "nothing is in flight");
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Pending));
    }

    [Fact]
    public async Task A_process_that_could_not_renew_its_claim_for_a_lease_does_not_send_what_another_may_have_sent()
    {
        await using var proxy = new TcpFaultProxy(redis.Server.Port);
        await using var cut = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{proxy.Port},abortConnect=false");
        var replicas = await Replicas.OfAsync(chain, 96, redis.Database);
        var gate = new TaskCompletionSource();
        var signer = new SignerWithHook(replicas.Signer, _ => gate.Task);
        await using var slow = await replicas.StartAsync(with: signer, results: cut.GetDatabase());
        await using var other = await replicas.StartAsync();
        var late = slow.PublishOnceAsync(Envelopes.Commit());
        await Eventually.IsAsync(() => signer.Count == 1, "it is being signed");
        proxy.Mode = ProxyMode.BlackHole;
        var publishing = other.PublishOnceAsync(Envelopes.Commit());
        await Eventually.IsAsync(
            async () => (await replicas.EntriesAsync()).Any(entry => entry.IsInDoubt), "the other replica publishes it");
        gate.SetResult();
        Assert.NotNull((await late).Error);
        TestFlow.Read(await publishing);

        // The nonce that was not used may be cancelled.
        await Eventually.IsAsync(() => slow.PendingTransactions.Count + other.PendingTransactions.Count == 0, "nothing is in flight");
        var cancelled = slow.Counted("xmtp_gateway_nonces_cancelled_total") + other.Counted("xmtp_gateway_nonces_cancelled_total");
        Assert.Equal(1UL + (ulong)cancelled, await replicas.CountAsync(BlockTag.Latest));
    }

    [Fact]
    public async Task A_claim_that_the_store_lost_does_not_let_another_replica_pay_while_the_transaction_is_out()
    {
        await using var own = await RedisServer.StartAsync();
        await using var connection = await own.ConnectAsync();
        var replicas = await Replicas.OfAsync(chain, 97, redis.Database);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        await using var first = await replicas.StartAsync();
        // Another store of results: it knows nothing of the claim.
        await using var other = await replicas.StartAsync(results: connection.GetDatabase());
        var sending = first.PublishOnceAsync(Envelopes.Commit());
        await replicas.InMempoolAsync(1);
        var refused = (await other.PublishOnceAsync(Envelopes.Commit())).Error;
        Assert.Equal(PublishErrorKind.Unavailable, refused!.Kind);
        await chain.Chain.MineAsync(1, Cancel);
        TestFlow.Read(await sending);
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Pending));
    }

    private async Task StallAsync()
    {
        try
        {
            await redis.Database.ExecuteAsync("CLIENT", "PAUSE", "1500", "ALL");
        }
        catch (TimeoutException)
        {
            // It stalls already.
        }
    }

    private static async Task<List<string>> ValuesAsync(ConnectionMultiplexer connection)
    {
        List<string> values = [];
        try
        {
            await foreach (var key in connection.GetServers()[0].KeysAsync())
                values.Add((await connection.GetDatabase().StringGetAsync(key)).ToString());
        }
        catch (TimeoutException)
        {
            // It stalls still.
        }

        return values;
    }
}
