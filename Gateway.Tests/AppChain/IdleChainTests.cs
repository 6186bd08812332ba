using System.Globalization;
using System.Text.RegularExpressions;
using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>What a gateway asks of the App Chain while nothing is in flight: each request is paid for.</summary>
public sealed partial class IdleChainTests : ProxiedChain
{
    private const string Count = "eth_getTransactionCount";
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    [Fact]
    public async Task At_rest_the_count_is_read_at_intervals_that_double()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await redis.ConnectAsync();
        await using var gateway = await StartAsync(connection, heads: null);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(1)));
        var before = Proxy.Asked[Count];
        await PassAsync(redis, checks: 200);
        Assert.InRange(Proxy.Asked[Count] - before, 1, 50);
    }

    [Fact]
    public async Task No_request_is_made_at_rest_while_heads_and_events_are_pushed()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await redis.ConnectAsync();
        await using var gateway = await StartAsync(connection, Proxy.WebSocketUrl);
        await Eventually.IsAsync(() => gateway.ReceivesEvents, "events are delivered");
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(1)));
        // The beginning of a subscription may have missed something.
        await PassAsync(redis, checks: 20);
        await Eventually.IsAsync(() => gateway.PendingTransactions.IsEmpty, "nothing is in flight");
        var before = Proxy.Asked[Count];
        await PassAsync(redis, checks: 100);
        Assert.Equal(before, Proxy.Asked[Count]);
    }

    [Fact]
    public async Task A_reorganization_is_detected_from_the_subscription_without_requests_at_rest()
    {
        await using var gateway = await StartAsync(TestFlow.Quick with { RestInterval = Never }, withSocket: true);
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(1)));
        await Eventually.IsAsync(
            async () => (await gateway.NonceStore.ListAsync(TestContext.Current.CancellationToken)).Entries.Count == 0, "it is finished");
        await Chain.ReorganizeAsync(1, TestContext.Current.CancellationToken);
        await Eventually.IsAsync(() => gateway.Counted("xmtp_gateway_transactions_removed_total") == 1, "it is broadcast again");
        await Eventually.IsAsync(async () => await CountAsync() == 1, "it is mined again");
    }

    [Fact]
    public async Task At_rest_another_sender_of_the_wallet_is_noticed_at_the_longest_interval()
    {
        await using var gateway = await TestFlow.StartAsync(
            Proxy.Url, Signer, options: TestFlow.Quick with { RestInterval = TimeSpan.FromMilliseconds(300) });
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(1)));
        await SendForeignAsync(1, Wei.FromGwei(10));
        await Eventually.IsAsync(() => gateway.Counted("xmtp_gateway_nonces_foreign_total") > 0, "the other sender is noticed");
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(2)));
        Assert.Equal(3UL, await CountAsync());
    }

    private async Task<TestFlow> StartAsync(ConnectionMultiplexer connection, Uri? heads)
    {
        var options = TestFlow.Quick with { RecoveryInterval = TimeSpan.FromMilliseconds(20), RestInterval = Never };
        var store = new RedisNonceStore(
            connection.GetDatabase(), "test:", new NonceStream(31337, Signer.Address), options.NonceStore, TimeProvider.System);
        return await TestFlow.StartAsync(Proxy.Url, Signer, store, options, heads);
    }

    // Each check for transactions of lost processes runs scripts in Redis.
    private static async Task PassAsync(RedisServer redis, int checks)
    {
        var until = await RunsAsync(redis) + (checks * 2);
        await Eventually.IsAsync(async () => await RunsAsync(redis) >= until, "the checks go on");
    }

    private static async Task<long> RunsAsync(RedisServer redis) =>
        Runs().Matches(await redis.AskAsync("INFO", "commandstats"))
            .Sum(found => long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex("cmdstat_eval(?:sha)?:calls=([0-9]+)")]
    private static partial Regex Runs();
}
