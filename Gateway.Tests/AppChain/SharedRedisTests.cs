using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
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

    private async Task<TestFlow> ReplicaAsync(ISigner signer, AppChainTransactionOptions? options = null)
    {
        var used = options ?? TestFlow.Quick;
        var store = new RedisNonceStore(
            redis.Database, "test:", new NonceStream(31337, signer.Address), used.NonceStore, TimeProvider.System);
        return await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer, store, used);
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
    public async Task A_ledger_emptied_while_publishing_loses_nothing_and_reuses_nothing()
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
