using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain.Senders;

/// <summary>One payer whose transactions several senders send, over a real chain and a real Redis.</summary>
public sealed class SeveralSendersTests(DevChainFixture chain, RedisOfOne redis)
    : IClassFixture<DevChainFixture>, IClassFixture<RedisOfOne>
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1.5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, 150)]
    [InlineData(false, 160)]
    public async Task A_topic_keeps_its_sender_and_its_order_and_the_payer_itself_sends_nothing(bool isShared, byte seed)
    {
        var stage = await SenderStage.OfAsync(chain, seed, 4, isShared ? redis : null);
        await using var gateway = await stage.StartAsync();
        var envelopes = Enumerable.Range(0, 60).Select(i => Envelopes.Commit((byte)(i % 20), 60 + i)).ToList();

        var outcomes = await gateway.PublishAsync(envelopes);

        var answers = outcomes.Select(outcome => TestFlow.Read(outcome)).ToList();
        var sentBy = await Task.WhenAll(outcomes.Select(stage.SenderOfAsync));
        for (var i = 0; i < envelopes.Count; i++) Assert.Equal(SenderStage.FirstOf(gateway, envelopes[i]), sentBy[i]);
        foreach (var topic in Enumerable.Range(0, 60).GroupBy(i => i % 20))
        {
            Assert.Equal(
                topic.Select(i => answers[i].Unsigned.OriginatorSequenceId).Order(),
                topic.Select(i => answers[i].Unsigned.OriginatorSequenceId));
        }

        Assert.Equal(4, sentBy.Distinct().Count());
        Assert.DoesNotContain(Payers.Signer(seed).Address, sentBy);
        if (isShared) await Eventually.IsAsync(async () => (await TopicsAsync(stage)).Count == 0, "no topic has anything under way");
    }

    [Fact]
    public async Task A_stuck_sender_keeps_the_topics_with_something_under_way_and_gives_the_others_to_another_at_all_replicas()
    {
        var stage = await SenderStage.OfAsync(chain, 170, 2, redis);
        var (stuck, other) = (stage.Senders[0].Address, stage.Senders[1].Address);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        var keeps = true;
        SenderStage.Keep(proxy, stuck, () => Volatile.Read(ref keeps));
        await using var one = await stage.StartAsync(proxy.Url, stuckAfter: Soon);
        await using var two = await stage.StartAsync(proxy.Url, stuckAfter: Soon);
        var seeds = SenderStage.SeedsOf(one, stuck).Take(4).ToList();

        var first = one.PublishAsync(Envelopes.Commit(seeds[0], 70));
        await Eventually.IsAsync(() => stage.IsUnavailableAsync(stuck), "the sender is unavailable");
        Assert.Equal(other, await stage.SenderOfAsync(await two.PublishAsync(Envelopes.Commit(seeds[1], 70))));
        Assert.Equal(other, await stage.SenderOfAsync(await one.PublishAsync(Envelopes.Commit(seeds[2], 70))));
        var second = two.PublishAsync(Envelopes.Commit(seeds[0], 71));
        await Eventually.IsAsync(
            async () => (await stage.EntriesAsync(stuck)).Count(entry => entry.IsInDoubt) == 2, "the second waits behind it");
        Assert.False(first.IsCompleted || second.IsCompleted);

        Volatile.Write(ref keeps, false);
        var (before, after) = (TestFlow.Read(await first), TestFlow.Read(await second));
        Assert.True(before.Unsigned.OriginatorSequenceId < after.Unsigned.OriginatorSequenceId);
        Assert.Equal((stuck, stuck), (await stage.SenderOfAsync(await first), await stage.SenderOfAsync(await second)));
        foreach (var (replica, seed) in new[] { (two, seeds[3]), (one, seeds[1]) }) await IsBackAsync(stage, replica, seed, stuck);
    }

    [Theory]
    [InlineData(true, 180)]
    [InlineData(false, 185)]
    public async Task The_topics_of_a_sender_without_gas_are_sent_by_another_at_once_and_return_when_it_has_some(bool isShared, byte seed)
    {
        var stage = await SenderStage.OfAsync(chain, seed, 2, isShared ? redis : null);
        var (empty, other) = (stage.Senders[0].Address, stage.Senders[1].Address);
        await chain.Chain.SetBalanceAsync(empty, new Wei(1), Cancel);
        await using var gateway = await stage.StartAsync();
        var seeds = SenderStage.SeedsOf(gateway, empty).Take(6).ToList();

        var outcomes = await Task.WhenAll(seeds.Select(one => gateway.PublishAsync(Envelopes.Commit(one))));

        foreach (var outcome in outcomes) Assert.Equal(other, await stage.SenderOfAsync(outcome));
        Assert.Equal(0ul, await stage.CountAsync(empty));
        await chain.Chain.SetBalanceAsync(empty, Wei.FromEther(1000), Cancel);
        await IsBackAsync(stage, gateway, seeds[0], empty);
    }

    [Fact]
    public async Task Senders_that_are_all_without_gas_refuse_as_a_payer_without_gas_does()
    {
        var stage = await SenderStage.OfAsync(chain, 190, 2, redis);
        foreach (var sender in stage.Senders) await chain.Chain.SetBalanceAsync(sender.Address, new Wei(1), Cancel);
        await using var gateway = await stage.StartAsync();

        var outcome = await gateway.PublishAsync(Envelopes.Commit());

        Assert.Equal("APP_CHAIN_FUNDS_EMPTY", outcome.Error?.Reason);
    }

    [Fact]
    public async Task While_the_others_are_stuck_the_topics_of_a_sender_without_gas_wait_behind_one_of_them_and_are_not_refused()
    {
        var stage = await SenderStage.OfAsync(chain, 193, 2, redis);
        var (stuck, empty) = (stage.Senders[0].Address, stage.Senders[1].Address);
        await chain.Chain.SetBalanceAsync(empty, new Wei(1), Cancel);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        var keeps = true;
        SenderStage.Keep(proxy, stuck, () => Volatile.Read(ref keeps));
        await using var gateway = await stage.StartAsync(proxy.Url, stuckAfter: Soon);
        var first = gateway.PublishAsync(Envelopes.Commit(SenderStage.SeedsOf(gateway, stuck).First()));
        await Eventually.IsAsync(() => stage.IsUnavailableAsync(stuck), "the sender is unavailable");

        var second = gateway.PublishAsync(Envelopes.Commit(SenderStage.SeedsOf(gateway, empty).First()));
        await Eventually.IsAsync(
            async () => second.IsCompleted || (await stage.EntriesAsync(stuck)).Count(entry => entry.IsInDoubt) == 2, "it waits");
        Volatile.Write(ref keeps, false);

        Assert.Equal((stuck, stuck), (await stage.SenderOfAsync(await first), await stage.SenderOfAsync(await second)));
    }

    [Fact]
    public async Task What_a_lost_process_has_in_flight_keeps_its_topic_at_its_sender_and_is_paid_once()
    {
        var stage = await SenderStage.OfAsync(chain, 200, 2, redis);
        var (stuck, other) = (stage.Senders[0].Address, stage.Senders[1].Address);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        var keeps = true;
        SenderStage.Keep(proxy, stuck, () => Volatile.Read(ref keeps));
        var lost = await stage.StartAsync(proxy.Url, stuckAfter: Soon);
        var seeds = SenderStage.SeedsOf(lost, stuck).Take(2).ToList();
        var (first, second) = (Envelopes.Commit(seeds[0], 80), Envelopes.Commit(seeds[0], 81));
        var gone = lost.PublishOnceAsync(first);
        await Eventually.IsAsync(() => stage.IsUnavailableAsync(stuck), "the sender is unavailable");
        await lost.CrashAsync();
        await Record.ExceptionAsync(() => gone);

        await using var successor = await stage.StartAsync(proxy.Url, stuckAfter: Soon);
        await Eventually.IsAsync(() => successor.Counted("xmtp_gateway_nonces_adopted_total") > 0, "it is taken over");
        // What the lost process said of it ends by itself; the successor says it again.
        await stage.ForgetAwayAsync(stuck);
        await Eventually.IsAsync(() => stage.IsUnavailableAsync(stuck), "the sender is unavailable for the successor too");
        var (repeated, later) = (successor.PublishOnceAsync(first), successor.PublishOnceAsync(second));
        Assert.Equal(other, await stage.SenderOfAsync(await successor.PublishOnceAsync(Envelopes.Commit(seeds[1], 80))));
        Assert.False(repeated.IsCompleted || later.IsCompleted);
        Volatile.Write(ref keeps, false);

        Assert.Equal((stuck, stuck), (await stage.SenderOfAsync(await repeated), await stage.SenderOfAsync(await later)));
        Assert.True(
            TestFlow.Read(await repeated).Unsigned.OriginatorSequenceId < TestFlow.Read(await later).Unsigned.OriginatorSequenceId);
        Assert.Equal(2ul, await stage.CountAsync(stuck));
        Assert.Equal(1ul, await stage.CountAsync(other));
    }

    [Fact]
    public async Task A_call_whose_record_another_replica_removed_is_not_sent()
    {
        var stage = await SenderStage.OfAsync(chain, 210, 1, redis);
        var (signing, sign) = (new TaskCompletionSource(), new TaskCompletionSource());
        var signer = new SignerWithHook(stage.Senders[0], _ =>
        {
            signing.TrySetResult();
            return sign.Task;
        });
        await using var gateway = await stage.StartAsync(signers: [signer]);

        var publishing = gateway.PublishAsync(Envelopes.Commit());
        await signing.Task.WaitAsync(Cancel);
        foreach (var topic in await TopicsAsync(stage)) await redis.Database.KeyDeleteAsync(topic);
        await Eventually.IsAsync(() => gateway.Services.GetRequiredService<HeldTopics>().Lost > 0, "the process knows");
        sign.SetResult();

        Assert.NotNull((await publishing).Error);
        Assert.Equal(0ul, await stage.CountAsync(stage.Senders[0].Address));
        Assert.Equal(stage.Senders[0].Address, await stage.SenderOfAsync(await gateway.PublishAsync(Envelopes.Commit())));
    }

    [Fact]
    public async Task What_the_payer_sent_itself_before_it_had_senders_is_not_paid_again()
    {
        var stage = await SenderStage.OfAsync(chain, 220, 2, redis);
        var payer = Payers.Signer(220);
        await chain.Chain.SetBalanceAsync(payer.Address, Wei.FromEther(1000), Cancel);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        var keeps = true;
        SenderStage.Keep(proxy, payer.Address, () => Volatile.Read(ref keeps));
        await using var before = await TestFlow.StartAsync(proxy.Url, payer, stage.Nonces(payer.Address));
        await using var after = await stage.StartAsync(proxy.Url);

        var first = before.PublishAsync(Envelopes.Commit(1, 90));
        await Eventually.IsAsync(
            async () => (await stage.EntriesAsync(payer.Address)).Any(entry => entry.IsInDoubt), "it is under way");
        // Neither gateway knows the other's claims.
        var again = after.PublishAsync(Envelopes.Commit(1, 90), TimeSpan.FromSeconds(2));
        Assert.NotNull((await again).Error);
        Volatile.Write(ref keeps, false);
        TestFlow.Read(await first);

        Assert.Equal(1ul, await stage.CountAsync(payer.Address));
        Assert.Equal((0ul, 0ul), (await stage.CountAsync(stage.Senders[0].Address), await stage.CountAsync(stage.Senders[1].Address)));
    }

    private static Task IsBackAsync(SenderStage stage, TestFlow gateway, byte seed, EthereumAddress sender)
    {
        var size = 200;
        return Eventually.IsAsync(
            async () => await stage.SenderOfAsync(await gateway.PublishAsync(Envelopes.Commit(seed, size++))) == sender,
            "the topic is at its first sender again");
    }

    private async Task<IReadOnlyList<RedisKey>> TopicsAsync(SenderStage stage)
    {
        List<RedisKey> keys = [];
        await foreach (var key in redis.Connection.GetServers()[0].KeysAsync(pattern: $"{stage.Key}:*")) keys.Add(key);
        return keys;
    }
}
