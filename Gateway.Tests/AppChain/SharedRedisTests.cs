using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain;

public sealed class SharedRedisTests(DevChainFixture chain, RedisOfOne redis) : IClassFixture<DevChainFixture>, IClassFixture<RedisOfOne>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<ISigner> RichAsync(byte seed)
    {
        var signer = Payers.Signer(seed);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1000), Cancel);
        return signer;
    }

    private async Task<TestFlow> ReplicaAsync(ISigner signer, AppChainTransactionOptions? options = null, Uri? rpcUrl = null)
    {
        var used = options ?? TestFlow.Quick;
        var store = new RedisNonceStore(
            redis.Database, "test:", new NonceStream(31337, signer.Address), used.NonceStore, TimeProvider.System);
        return await TestFlow.StartAsync(rpcUrl ?? chain.Anvil.HttpUrl, signer, store, used);
    }

    private async Task<ulong> MinedAsync(ISigner signer) =>
        (await chain.Rpc.GetTransactionCountAsync(signer.Address, BlockTag.Latest, Cancel)).OrThrow();

    [Fact]
    public async Task Two_hundred_at_once_from_two_gateways_use_every_nonce_once_and_get_their_own_answers()
    {
        var signer = await RichAsync(20);
        await using var one = await ReplicaAsync(signer);
        await using var other = await ReplicaAsync(signer);
        var envelopes = Enumerable.Range(0, 200)
            .Select(i => i % 4 == 0 ? Envelopes.Identity((byte)i) : Envelopes.Commit((byte)i, 50 + i))
            .ToList();
        var outcomes = await Task.WhenAll(envelopes.Select((envelope, i) => (i % 2 == 0 ? one : other).PublishAsync(envelope)));
        var answers = outcomes.Select(TestFlow.Read).ToList();
        for (var i = 0; i < answers.Count; i++)
            Assert.Equal(Google.Protobuf.MessageExtensions.ToByteString(envelopes[i]), answers[i].Payer.UnsignedClientEnvelope);
        foreach (var sequence in answers.GroupBy(answer => answer.Unsigned.OriginatorNodeId))
            Assert.Equal(sequence.Count(), sequence.Select(answer => answer.Unsigned.OriginatorSequenceId).Distinct().Count());
        Assert.Equal(200, answers.Select(answer => answer.Hash).Distinct().Count());
        Assert.Equal(200UL, await MinedAsync(signer));
        Assert.Equal(0, one.Counted("xmtp_gateway_nonces_foreign_total") + other.Counted("xmtp_gateway_nonces_foreign_total"));
    }

    [Fact]
    public async Task A_store_emptied_while_publishing_loses_nothing_and_reuses_nothing()
    {
        var signer = await RichAsync(21);
        await using var one = await ReplicaAsync(signer);
        await using var other = await ReplicaAsync(signer);
        var running = Enumerable.Range(0, 120)
            .Select(i => (i % 2 == 0 ? one : other).PublishAsync(Envelopes.Commit((byte)i, 50 + i)))
            .ToList();
        await Task.WhenAny(running);
        await redis.Connection.GetServers()[0].FlushAllDatabasesAsync();
        var answers = (await Task.WhenAll(running)).Select(TestFlow.Read).ToList();
        Assert.Equal(120, answers.Select(answer => answer.Unsigned.OriginatorSequenceId).Distinct().Count());
        Assert.Equal(120UL, await MinedAsync(signer));
    }

    [Fact]
    public async Task A_store_emptied_before_a_transaction_is_stored_moves_it_to_another_nonce()
    {
        var signer = await RichAsync(23);
        var (signing, sign) = (new TaskCompletionSource(), new TaskCompletionSource());
        var (opening, open) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        await using var one = await ReplicaAsync(
            new SignerWithHook(signer, _ =>
            {
                signing.TrySetResult();
                return sign.Task;
            }),
            rpcUrl: proxy.Url);
        await using var other = await ReplicaAsync(signer);
        var moved = one.PublishAsync(Envelopes.Commit(1));
        await signing.Task.WaitAsync(Cancel);
        proxy.Fault = async (method, _, forward) =>
        {
            if (method != "eth_getTransactionCount") return await forward();
            opening.TrySetResult();
            await open.Task;
            return await forward();
        };
        await redis.Connection.GetServers()[0].FlushAllDatabasesAsync();
        sign.SetResult();
        await opening.Task.WaitAsync(Cancel);
        TestFlow.Read(await other.PublishAsync(Envelopes.Commit(2)));
        open.SetResult();

        TestFlow.Read(await moved);
        Assert.Equal(2UL, await MinedAsync(signer));
    }

    [Fact]
    public async Task A_store_emptied_before_a_transaction_is_sent_moves_it_to_another_nonce()
    {
        await using var contest = await ContestAsync(24);
        var one = contest.One;
        await Eventually.IsAsync(() => one.PendingTransactions.All.Any(pending => pending.Lease.IsLost), "the lease is lost");
        contest.OtherSends.ReleaseSends();
        TestFlow.Read(await contest.First);
        contest.OneSends.ReleaseSends();

        TestFlow.Read(await contest.Moved);
        Assert.Equal(2UL, await MinedAsync(contest.Signer));
    }

    [Fact]
    public async Task A_refused_commit_whose_nonce_another_gateway_has_waits_for_that_gateway_and_moves_to_another_nonce()
    {
        await using var contest = await ContestAsync(25);
        contest.OneSends.Refuses = true;
        contest.OneSends.ReleaseSends();

        var refused = Assert.Single(contest.One.PendingTransactions.All);
        await Eventually.IsAsync(() => refused.RefusedSince is not null, "it was refused");
        var since = refused.RefusedSince;
        await Eventually.IsAsync(() => refused.RefusedSince != since, "it goes on waiting, because the other gateway has the nonce");
        Assert.False(contest.Moved.IsCompleted);
        contest.OneSends.Refuses = false;
        contest.OtherSends.ReleaseSends();
        TestFlow.Read(await contest.First);
        TestFlow.Read(await contest.Moved);
        Assert.Equal(2UL, await MinedAsync(contest.Signer));
    }

    // One gateway sends at a nonce, the store is emptied, and another one has the nonce and sends at it too. Neither endpoint
    // passes on what it got.
    private async Task<NonceContest> ContestAsync(byte seed)
    {
        var signer = await RichAsync(seed);
        var patient = TestFlow.Quick with { RpcTimeout = TimeSpan.FromMinutes(1) };
        var (oneProxy, otherProxy) = (await RpcProxy.StartAsync(chain.Anvil.HttpUrl), await RpcProxy.StartAsync(chain.Anvil.HttpUrl));
        var (oneSends, otherSends) = (new HeldSends(oneProxy), new HeldSends(otherProxy));
        var one = await ReplicaAsync(signer, patient, oneProxy.Url);
        var other = await ReplicaAsync(signer, patient, otherProxy.Url);
        var moved = one.PublishAsync(Envelopes.Commit(1));
        await oneSends.Started.WaitAsync(Cancel);
        // Until the other one has the nonce, this one cannot enter it again.
        oneSends.HoldsCounts = true;
        await redis.Connection.GetServers()[0].FlushAllDatabasesAsync();
        var first = other.PublishAsync(Envelopes.Commit(2));
        await otherSends.Started.WaitAsync(Cancel);
        oneSends.ReleaseCounts();
        return new NonceContest(signer, one, oneSends, moved, first, otherSends, [one, other, oneProxy, otherProxy]);
    }

    private sealed record NonceContest(
        ISigner Signer,
        TestFlow One,
        HeldSends OneSends,
        Task<EnvelopeOutcome> Moved,
        Task<EnvelopeOutcome> First,
        HeldSends OtherSends,
        IAsyncDisposable[] Parts) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var part in Parts) await part.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_store_that_hangs_delays_only_what_needs_a_nonce_and_everything_is_published()
    {
        var signer = await RichAsync(22);
        await using var gateway = await ReplicaAsync(signer);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        var hang = redis.Database.ExecuteAsync("CLIENT", "PAUSE", "5000", "ALL");
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => gateway.PublishAsync(Envelopes.Commit((byte)i))));
        await hang;
        foreach (var outcome in outcomes) TestFlow.Read(outcome);
        Assert.Equal(21UL, await MinedAsync(signer));
        Assert.True(gateway.Counted("xmtp_gateway_nonce_store_errors_total") > 0);
    }
}

/// <summary>An endpoint that keeps transactions, and counts of transactions, to itself until it is told to pass them on.</summary>
internal sealed class HeldSends
{
    private readonly TaskCompletionSource _started = new(), _sends = new(), _counts = new();

    internal HeldSends(RpcProxy proxy) => proxy.Fault = async (method, _, forward) =>
    {
        if (method == "eth_getTransactionCount" && HoldsCounts) await _counts.Task;
        if (method == "eth_sendRawTransaction")
        {
            _started.TrySetResult();
            await _sends.Task;
            if (Refuses) return await RpcProxy.Error(-32000, "insufficient funds for gas * price + value");
        }

        return await forward();
    };

    /// <summary>Completes with the first transaction.</summary>
    internal Task Started => _started.Task;

    internal bool HoldsCounts { get; set; }

    /// <summary>Whether transactions that were kept are refused then.</summary>
    internal bool Refuses { get; set; }

    internal void ReleaseSends() => _sends.TrySetResult();

    internal void ReleaseCounts() => _counts.TrySetResult();
}

public sealed class RedisOfOne : IAsyncLifetime
{
    public RedisServer Server { get; private set; } = null!;

    public ConnectionMultiplexer Connection { get; private set; } = null!;

    public IDatabase Database => Connection.GetDatabase();

    public async ValueTask InitializeAsync()
    {
        Server = await RedisServer.StartAsync();
        Connection = await Server.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync();
        await Server.DisposeAsync();
    }
}
