using StackExchange.Redis;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain.Senders;

/// <summary>What every record of topics does.</summary>
public abstract class TopicHoldsConformance
{
    private protected static readonly NonceStoreOptions Options = new()
    {
        Lease = TimeSpan.FromSeconds(3),
        Settling = TimeSpan.FromMilliseconds(50),
        StoreTimeout = TimeSpan.FromSeconds(30),
    };

    private static readonly EthereumAddress A = Payers.Signer(1).Address, B = Payers.Signer(2).Address;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract ITopicHolds New();

    private static string NameOf(EthereumAddress sender) => RedisTopicHolds.Name(sender);

    private static HoldRequest Request(string topic, string id, params EthereumAddress[] candidates) =>
        new(topic, [id], candidates, [], IsInDoubt: false);

    private static async Task<HoldAnswer> TakeAsync(ITopicHolds holds, HoldRequest request)
    {
        HoldAnswer answer;
        do answer = await holds.TakeAsync(request, Cancel);
        while (answer.Status == HoldStatus.Settling);
        return answer;
    }

    private static async Task<HoldAnswer> EndedAsync(ITopicHolds holds, HoldRequest request)
    {
        var answer = await TakeAsync(holds, Request("t1", "1.a", A, B));
        Assert.Equal((HoldStatus.Done, NameOf(A)), (answer.Status, answer.Sender));
        // Its lease ends, since nobody renews it: until then others of the topic join it.
        await Eventually.IsAsync(
            async () =>
            {
                answer = await holds.TakeAsync(request, Cancel);
                if (answer.Status == HoldStatus.Done) await holds.ReleaseAsync("t1", request.Ids, Cancel);
                return answer.Status == HoldStatus.Ended;
            },
            "the lease has ended");
        return answer;
    }

    [Fact]
    public async Task A_topic_with_calls_stays_at_its_sender_and_is_free_when_all_have_ended()
    {
        var holds = New();
        Assert.Equal(NameOf(A), (await TakeAsync(holds, Request("t", "1.a", A, B))).Sender);
        Assert.Equal(NameOf(A), (await TakeAsync(holds, Request("t", "2.b", B, A))).Sender);
        Assert.True(await holds.ReleaseAsync("t", ["1.a"], Cancel));
        Assert.Equal(NameOf(A), (await TakeAsync(holds, Request("t", "3.c", B, A))).Sender);
        Assert.True(await holds.ReleaseAsync("t", ["2.b", "3.c"], Cancel));
        Assert.Equal(NameOf(B), (await TakeAsync(holds, Request("t", "4.d", B, A))).Sender);
    }

    [Fact]
    public async Task A_sender_that_is_unavailable_gets_no_topic_that_has_no_calls_there_until_no_replica_reports_it()
    {
        var holds = New();
        await TakeAsync(holds, Request("busy", "1.a", A, B));
        Assert.Empty((await holds.RenewAsync([], [A], Cancel))!);

        Assert.Equal(NameOf(A), (await TakeAsync(holds, Request("busy", "2.a", A, B))).Sender);
        Assert.Equal(NameOf(B), (await TakeAsync(holds, Request("free", "3.a", A, B))).Sender);
        Assert.Empty((await holds.RenewAsync([], [A, B], Cancel))!);
        Assert.Equal(NameOf(A), (await TakeAsync(holds, Request("other", "4.a", A, B))).Sender);
        var number = 0;
        await Eventually.IsAsync(
            async () => (await TakeAsync(holds, Request($"later{++number}", "5.a", A, B))).Sender == NameOf(A)
                && (await TakeAsync(holds, Request($"later{++number}", "5.a", B, A))).Sender == NameOf(B),
            "both are back");
    }

    [Fact]
    public async Task Calls_whose_leases_ended_keep_the_topic_while_they_are_in_doubt()
    {
        var holds = New();
        var request = Request("t1", "2.b", B, A);
        var ended = await EndedAsync(holds, request);

        Assert.Equal((NameOf(A), "1.a"), (ended.Sender, Assert.Single(ended.Ended).Id));
        Assert.Equal(NameOf(A), (await TakeAsync(holds, request with { IsInDoubt = true })).Sender);
    }

    [Fact]
    public async Task Calls_whose_leases_ended_and_that_are_in_doubt_nowhere_are_removed_and_their_process_learns_it()
    {
        var holds = New();
        var request = Request("t1", "2.b", B, A);
        var ended = await EndedAsync(holds, request);

        Assert.Equal(NameOf(B), (await TakeAsync(holds, request with { Ended = ended.Ended })).Sender);
        var lost = await holds.RenewAsync([new HeldCall("t1", A, "1.a", 0), new HeldCall("t1", B, "2.b", 0)], [], Cancel);
        Assert.Equal("1.a", Assert.Single(lost!));
    }

    [Fact]
    public async Task A_call_that_was_renewed_meanwhile_is_not_removed()
    {
        var holds = New();
        var request = Request("t1", "2.b", B, A);
        var ended = await EndedAsync(holds, request);
        Assert.Empty((await holds.RenewAsync([new HeldCall("t1", A, "1.a", 0)], [], Cancel))!);

        Assert.Equal(NameOf(A), (await TakeAsync(holds, request with { Ended = ended.Ended })).Sender);
    }
}

public sealed class MemoryTopicHoldsTests : TopicHoldsConformance
{
    private protected override ITopicHolds New() => new MemoryTopicHolds(Options.Lease, TimeProvider.System);
}

/// <summary>The same in Redis, where it can be emptied.</summary>
public abstract class SharedTopicHoldsConformance : TopicHoldsConformance, IAsyncLifetime
{
    private readonly ConnectedRedis _redis = new();

    private protected abstract Task<ConnectionMultiplexer> ConnectAsync();

    public ValueTask InitializeAsync() => _redis.OpenAsync(ConnectAsync());

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _redis.DisposeAsync();
    }

    private protected override ITopicHolds New() => new RedisTopicHolds(
        _redis.ConnectAsync, _redis.Prefix, new NonceStream(31337, Payers.Signer(3).Address), Options, TimeProvider.System);

    [Fact]
    public async Task An_emptied_store_enters_nothing_until_replicas_have_entered_their_calls_again()
    {
        var (one, two) = (New(), New());
        var sender = Payers.Signer(1).Address;
        var request = new HoldRequest("t", ["1.a"], [sender], [], false);
        await Eventually.IsAsync(async () => (await one.TakeAsync(request, Cancel)).Status == HoldStatus.Done, "it is entered");
        await _redis.Connection.GetServers()[0].FlushAllDatabasesAsync();

        var other = new HoldRequest("t", ["2.b"], [Payers.Signer(2).Address], [], false);
        Assert.Equal(HoldStatus.Settling, (await two.TakeAsync(other, Cancel)).Status);
        Assert.Empty((await one.RenewAsync([new HeldCall("t", sender, "1.a", 0)], [], Cancel))!);
        var answer = HoldAnswer.Unavailable;
        await Eventually.IsAsync(
            async () =>
            {
                Assert.Empty((await one.RenewAsync([new HeldCall("t", sender, "1.a", 0)], [], Cancel))!);
                answer = await two.TakeAsync(other, Cancel);
                return answer.Status == HoldStatus.Done;
            },
            "the store has settled");
        Assert.Equal(RedisTopicHolds.Name(sender), answer.Sender);
    }
}

public sealed class RedisTopicHoldsTests(RedisServerFixture redis) : SharedTopicHoldsConformance, IClassFixture<RedisServerFixture>
{
    private protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();
}

public sealed class GarnetTopicHoldsTests(GarnetInProcess garnet) : SharedTopicHoldsConformance, IClassFixture<GarnetInProcess>
{
    private protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}
