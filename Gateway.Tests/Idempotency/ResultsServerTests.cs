using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Idempotency;

/// <summary>Answers on a server of their own, which loses them.</summary>
public sealed class ResultsServerTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>, IAsyncDisposable
{
    private static readonly byte[] Envelope = [2, 2, 2];
    private static readonly byte[] Originator = [1, .. Envelope, 3];
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task An_evicted_or_unreachable_result_does_not_allow_a_second_publish()
    {
        await using var bodies = await RedisServer.StartAsync();
        await using var shared = await redis.Server.ConnectAsync();
        await using var results = await bodies.ConnectAsync();
        var (one, other) = (EnvelopeKey.OnChain([1]), EnvelopeKey.OnChain([2]));
        using var publisher = Replica(shared, results);
        foreach (var key in new[] { one, other })
        {
            Assert.Equal(ClaimState.Mine, (await publisher.ClaimAsync(key, 1, Cancel)).State);
            await publisher.EndAsync(key, 1, PublishedAnswer.Of(Originator, Envelope));
        }

        using var second = Replica(shared, results);
        var claim = await second.ClaimAsync(one, 2, Cancel);
        Assert.Equal(ClaimState.Published, claim.State);
        Assert.Equal(Originator, claim.Answer.Restore(Envelope));
        Assert.Equal(ClaimState.Published, (await second.TakeOverAsync(one, 2, Cancel)).State);

        using var third = Replica(shared, results);
        await results.GetServers().Single().FlushAllDatabasesAsync();
        Assert.Equal(ClaimState.AnswerGone, (await third.ClaimAsync(one, 3, Cancel)).State);
        Assert.All(await third.ClaimAsync([one, other], 4, Cancel), gone => Assert.Equal(ClaimState.AnswerGone, gone.State));
        await bodies.KillAsync();
        using var fourth = Replica(shared, results);
        Assert.All(await fourth.ClaimAsync([one, other], 5, Cancel), gone => Assert.Equal(ClaimState.AnswerGone, gone.State));
        Assert.Equal(ClaimState.AnswerGone, (await fourth.TakeOverAsync(other, 6, Cancel)).State);

        var late = EnvelopeKey.OnChain([3]);
        Assert.Equal(ClaimState.Mine, (await fourth.ClaimAsync(late, 7, Cancel)).State);
        await fourth.EndAsync(late, 7, PublishedAnswer.Of(Originator, Envelope));
        using var fifth = Replica(shared, results);
        Assert.Equal(ClaimState.AnswerGone, (await fifth.ClaimAsync(late, 8, Cancel)).State);
        Assert.Equal(ClaimState.Published, (await fourth.ClaimAsync(late, 9, Cancel)).State);
    }

    [Theory]
    [InlineData("a replica")]
    [InlineData("full")]
    public async Task A_results_server_that_refuses_writes_loses_only_bodies_and_stores_them_again_afterwards(string fault)
    {
        await using var bodies = await RedisServer.StartAsync();
        await using var shared = await redis.Server.ConnectAsync();
        await using var results = await bodies.ConnectAsync();
        using var publisher = Replica(shared, results);
        var (before, meanwhile) = (EnvelopeKey.OnChain([11, (byte)fault.Length]), EnvelopeKey.OnChain([12, (byte)fault.Length]));
        await PublishAsync(publisher, before);

        await (fault == "full"
            ? bodies.AskAsync("CONFIG", "SET", "maxmemory", "1")
            : bodies.AskAsync("REPLICAOF", "127.0.0.1", $"{RedisServer.FreePort()}"));
        await PublishAsync(publisher, meanwhile);
        Assert.Equal(ClaimState.Published, (await publisher.ClaimAsync(meanwhile, 2, Cancel)).State);
        using var second = Replica(shared, results);
        Assert.Equal(ClaimState.AnswerGone, (await second.ClaimAsync(meanwhile, 3, Cancel)).State);
        Assert.Equal(ClaimState.Published, (await second.ClaimAsync(before, 3, Cancel)).State);

        await (fault == "full" ? bodies.AskAsync("CONFIG", "SET", "maxmemory", "0") : bodies.AskAsync("REPLICAOF", "NO", "ONE"));
        await Eventually.IsAsync(
            async () =>
            {
                var after = EnvelopeKey.OnChain(Guid.NewGuid().ToByteArray());
                await PublishAsync(publisher, after);
                using var third = Replica(shared, results);
                return (await third.ClaimAsync(after, 4, Cancel)).State == ClaimState.Published;
            },
            "bodies are stored again");
    }

    private static async Task PublishAsync(TieredPublishedStore store, EnvelopeKey key)
    {
        if ((await store.ClaimAsync(key, 1, Cancel)).State == ClaimState.Mine)
            await store.EndAsync(key, 1, PublishedAnswer.Of(Originator, Envelope));
    }

    private TieredPublishedStore Replica(ConnectionMultiplexer shared, ConnectionMultiplexer results)
    {
        var (options, metrics, time) = (new IdempotencyOptions(), new IdempotencyMetrics(
            _services.GetRequiredService<IMeterFactory>()), TimeProvider.System);
        var answers = new RedisAnswers(() => results.GetDatabase(), "r:", options, metrics, time);
        return new TieredPublishedStore(
            new MemoryPublishedStore(options, metrics, time, isInFrontOfShared: true),
            new RedisPublishedStore(() => shared.GetDatabase(), "r:", options, metrics, time, answers));
    }
}
