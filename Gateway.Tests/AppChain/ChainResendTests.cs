using Google.Protobuf;
using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>A caller that got no answer sends its commit again: it is mined once, whatever happened to the first sending.</summary>
public sealed class ChainResendTests(DevChainFixture chain, RedisOfOne redis)
    : IClassFixture<DevChainFixture>, IClassFixture<RedisOfOne>, IAsyncLifetime
{
    private static readonly IdempotencyOptions Options = new() { Lease = TimeSpan.FromSeconds(6) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => new(chain.Chain.SetAutomineAsync(false, Cancel));

    public async ValueTask DisposeAsync()
    {
        await chain.Chain.SetAutomineAsync(true, CancellationToken.None);
        await chain.Chain.MineAsync(1, CancellationToken.None);
    }

    private async Task<ISigner> RichAsync(byte seed)
    {
        var signer = Payers.Signer(seed);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1000), Cancel);
        return signer;
    }

    private async Task<ulong> CountAsync(ISigner signer, BlockTag block) =>
        (await chain.Rpc.GetTransactionCountAsync(signer.Address, block, Cancel)).OrThrow();

    private static string Prefix(NonceStream stream) => $"resend:published:{{{stream}}}:";

    private static string PublishedKey(ISigner signer, ClientEnvelope envelope) =>
        Prefix(new NonceStream(31337, signer.Address)) + EnvelopeKey.OnChain(envelope.ToByteArray());

    private Task<TestFlow> ReplicaAsync(ISigner signer, ConnectionMultiplexer? ofResults = null)
    {
        var stream = new NonceStream(31337, signer.Address);
        return TestFlow.StartAsync(
            chain.Anvil.HttpUrl,
            signer,
            new RedisNonceStore(redis.Database, "resend:", stream, TestFlow.Quick.NonceStore, TimeProvider.System),
            results: metrics => new TieredPublishedStore(
                new MemoryPublishedStore(Options, metrics, TimeProvider.System, isInFrontOfShared: true),
                new RedisPublishedStore(
                    () => ofResults?.GetDatabase() ?? redis.Database, Prefix(stream), Options, metrics, TimeProvider.System)));
    }

    private async Task<Task<EnvelopeOutcome>> SendAsync(TestFlow gateway, ISigner signer, TimeSpan? deadline = null)
    {
        var sending = gateway.PublishOnceAsync(Envelopes.Commit(), deadline);
        await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 1, "it is in the mempool");
        return sending;
    }

    [Fact]
    public async Task After_a_timeout_it_waits_for_the_transaction_that_is_out()
    {
        var signer = await RichAsync(70);
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer);
        var timedOut = await await SendAsync(gateway, signer, TimeSpan.FromSeconds(6));
        Assert.Equal("APP_CHAIN_IN_DOUBT", timedOut.Error!.Reason);
        var again = gateway.PublishOnceAsync(Envelopes.Commit());
        await chain.Chain.MineAsync(1, Cancel);
        TestFlow.Read(await again);
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Latest));
    }

    [Fact]
    public async Task After_the_caller_left_it_is_answered_from_what_came_of_the_first()
    {
        var signer = await RichAsync(71);
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer);
        using var cancellation = new CancellationTokenSource();
        var left = gateway.PublishOnceAsync(Envelopes.Commit(), null, cancellation.Token);
        await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 1, "it is in the mempool");
        await cancellation.CancelAsync();
        Assert.Equal(PublishErrorKind.Cancelled, (await left).Error!.Kind);
        await chain.Chain.MineAsync(1, Cancel);
        await Eventually.IsAsync(() => gateway.PendingTransactions.Count == 0, "it is mined");
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit()));
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Latest));
    }

    [Fact]
    public async Task After_a_crash_it_waits_for_the_transaction_that_the_lost_process_sent()
    {
        var signer = await RichAsync(72);
        var lost = await ReplicaAsync(signer);
        _ = await SendAsync(lost, signer);
        await lost.CrashAsync();
        await using var successor = await ReplicaAsync(signer);
        var again = successor.PublishOnceAsync(Envelopes.Commit());
        await Eventually.IsAsync(() => successor.Counted("xmtp_gateway_nonces_adopted_total") == 1, "it is taken over");
        await chain.Chain.MineAsync(1, Cancel);
        TestFlow.Read(await again);
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Pending));
    }

    [Fact]
    public async Task After_a_crash_and_a_block_it_is_answered_with_what_the_lost_process_achieved()
    {
        var signer = await RichAsync(73);
        var lost = await ReplicaAsync(signer);
        _ = await SendAsync(lost, signer);
        await lost.CrashAsync();
        await chain.Chain.MineAsync(1, Cancel);
        await using var successor = await ReplicaAsync(signer);
        await using var another = await ReplicaAsync(signer);
        await Eventually.IsAsync(
            () => successor.Counted("xmtp_gateway_nonces_adopted_total") + another.Counted("xmtp_gateway_nonces_adopted_total") == 1,
            "it is taken over");
        var answers = await Task.WhenAll(successor.PublishOnceAsync(Envelopes.Commit()), another.PublishOnceAsync(Envelopes.Commit()));
        Assert.Equal(TestFlow.Read(answers[0]).Hash, TestFlow.Read(answers[1]).Hash);
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Pending));
    }

    [Fact]
    public async Task A_caller_that_claims_before_the_takeover_gets_the_answer_of_the_transaction_that_is_taken_over()
    {
        var signer = await RichAsync(79);
        var lost = await ReplicaAsync(signer);
        _ = await SendAsync(lost, signer);
        await lost.CrashAsync();
        // The claim of the lost process ends before the lease of its nonce.
        Assert.True(await redis.Database.KeyDeleteAsync(PublishedKey(signer, Envelopes.Commit())));
        await using var successor = await ReplicaAsync(signer);
        var again = successor.PublishOnceAsync(Envelopes.Commit());
        await Eventually.IsAsync(() => successor.Counted("xmtp_gateway_nonces_adopted_total") == 1, "it is taken over");
        var other = successor.PublishOnceAsync(Envelopes.Commit(9));
        await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 2, "the other is in the mempool");
        await chain.Chain.MineAsync(1, Cancel);
        TestFlow.Read(await other);
        TestFlow.Read(await again);
        Assert.Equal(2UL, await CountAsync(signer, BlockTag.Pending));
        await Eventually.IsAsync(async () => (await successor.NonceStore.ListAsync(Cancel)).Entries.Count == 0, "all came to their end");
    }

    [Fact]
    public async Task A_takeover_waits_for_a_claim_of_its_own_process_and_returns_its_result()
    {
        var signer = await RichAsync(74);
        var lost = await ReplicaAsync(signer);
        _ = await SendAsync(lost, signer);
        await using var successor = await ReplicaAsync(signer);
        var (key, stored) = (EnvelopeKey.OnChain(Envelopes.Commit().ToByteArray()), PublishedKey(signer, Envelopes.Commit()));
        // The lost process may renew its claim in between.
        await Eventually.IsAsync(
            async () => await redis.Database.KeyDeleteAsync(stored)
                && (await successor.Results!.ClaimAsync(key, 1_000, Cancel)).State == ClaimState.Mine,
            "the claim is another's");
        await lost.CrashAsync();
        await Eventually.IsAsync(() => successor.Counted("xmtp_gateway_nonces_adopted_total") == 1, "it is taken over");
        await chain.Chain.MineAsync(1, Cancel);
        await successor.Results.EndAsync(key, 1_000, null);
        await Eventually.IsAsync(async () => ((byte[]?)await redis.Database.StringGetAsync(stored))?[0] == 'd', "its answer is told");
        TestFlow.Read(await successor.PublishOnceAsync(Envelopes.Commit()));
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Pending));
    }

    [Fact]
    public async Task A_takeover_precedes_a_caller_of_its_own_process_that_the_shared_store_has_not_answered()
    {
        var signer = await RichAsync(75);
        var lost = await ReplicaAsync(signer);
        _ = await SendAsync(lost, signer);
        await lost.CrashAsync();
        await using var proxy = new TcpFaultProxy(redis.Server.Port);
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{proxy.Port}");
        await using var successor = await ReplicaAsync(signer, connection);
        proxy.Mode = ProxyMode.BlackHole;
        var key = EnvelopeKey.OnChain(Envelopes.Commit().ToByteArray());
        Assert.Equal(ClaimState.Unanswered, (await successor.Results!.ClaimAsync(key, 1_000, Cancel)).State);
        await Eventually.IsAsync(
            async () => (await successor.Results.ClaimAsync(key, 1_000, Cancel)).State == ClaimState.Busy, "it is taken over");
        proxy.Mode = ProxyMode.Cut;
        proxy.Mode = ProxyMode.Pass;
        // As if the lost process' claim had lapsed meanwhile.
        await redis.Database.KeyDeleteAsync(PublishedKey(signer, Envelopes.Commit()));
        Assert.Equal(ClaimState.Busy, (await successor.Results.ClaimAsync(key, 1_000, Cancel)).State);
        var again = successor.PublishOnceAsync(Envelopes.Commit());
        await chain.Chain.MineAsync(1, Cancel);
        TestFlow.Read(await again);
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Pending));
    }

    [Fact]
    public async Task A_result_that_the_shared_store_did_not_take_before_a_crash_is_found_on_the_chain()
    {
        var signer = await RichAsync(76);
        await using var proxy = new TcpFaultProxy(redis.Server.Port);
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{proxy.Port}");
        var lost = await ReplicaAsync(signer, connection);
        var sending = await SendAsync(lost, signer);
        proxy.Mode = ProxyMode.BlackHole;
        await chain.Chain.MineAsync(1, Cancel);
        var first = TestFlow.Read(await sending);
        await Eventually.IsAsync(() => lost.Counted("xmtp_gateway_results_store_errors_total") >= 3, "its result is not taken, twice");
        await lost.CrashAsync();
        // The claim may have lapsed by the time that somebody takes the nonce over.
        await redis.Database.KeyDeleteAsync(PublishedKey(signer, Envelopes.Commit()));
        await using var successor = await ReplicaAsync(signer);
        await Eventually.IsAsync(
            async () => await redis.Database.KeyExistsAsync(PublishedKey(signer, Envelopes.Commit())), "its claim is taken over");
        var again = TestFlow.Read(await successor.PublishOnceAsync(Envelopes.Commit()));
        Assert.Equal(first.Hash, again.Hash);
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Pending));
    }

    [Fact]
    public async Task A_result_that_the_shared_store_takes_late_frees_the_nonce_then()
    {
        var signer = await RichAsync(77);
        await using var proxy = new TcpFaultProxy(redis.Server.Port);
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{proxy.Port}");
        await using var gateway = await ReplicaAsync(signer, connection);
        var sending = await SendAsync(gateway, signer);
        proxy.Mode = ProxyMode.BlackHole;
        await chain.Chain.MineAsync(1, Cancel);
        TestFlow.Read(await sending);
        await Eventually.IsAsync(() => gateway.Counted("xmtp_gateway_results_store_errors_total") >= 3, "its result is not taken, twice");
        Assert.Single((await gateway.NonceStore.ListAsync(Cancel)).Entries);
        proxy.Mode = ProxyMode.Cut;
        proxy.Mode = ProxyMode.Pass;
        await Eventually.IsAsync(async () => (await gateway.NonceStore.ListAsync(Cancel)).Entries.Count == 0, "the nonce is done");
        Assert.Equal((byte)'d', ((byte[]?)await redis.Database.StringGetAsync(PublishedKey(signer, Envelopes.Commit())))![0]);
    }
}
