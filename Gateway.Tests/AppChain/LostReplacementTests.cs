using System.Text.Json;
using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>
/// A transaction was replaced or cancelled, its process is lost, and the attempt that is mined is not the newest: the
/// successor returns its result all the same.
/// </summary>
public sealed class LostReplacementTests(DevChainFixture chain, RedisOfOne redis)
    : IClassFixture<DevChainFixture>, IClassFixture<RedisOfOne>, IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RpcProxy _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        await chain.Chain.SetAutomineAsync(false, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await chain.Chain.SetAutomineAsync(true, CancellationToken.None);
        await chain.Chain.MineAsync(1, CancellationToken.None);
        await _proxy.DisposeAsync();
    }

    // Only the first attempt reaches the chain. What is sent after it is lost, or refused in words that say nothing.
    private void PassTheFirstAttemptOnly(bool isAnswered)
    {
        var sent = 0;
        _proxy.Fault = (method, _, forward) => method switch
        {
            "eth_sendRawTransaction" when Interlocked.Increment(ref sent) > 1 =>
                isAnswered ? RpcProxy.Error(-32603, "internal error") : Task.FromResult<string?>(null),
            "eth_getTransactionByHash" when isAnswered => Nothing(),
            _ => RpcProxy.Pass(forward),
        };
    }

    private static Task<string?> Nothing() =>
        Task.FromResult<string?>(JsonSerializer.Serialize(new { jsonrpc = "2.0", id = 0, result = (string?)null }));

    [Fact]
    public async Task A_replaced_transaction_whose_first_attempt_is_mined_is_the_answer_to_the_resend()
    {
        var replicas = await Replicas.OfAsync(chain, 80, redis.Database);
        PassTheFirstAttemptOnly(isAnswered: false);
        var lost = await replicas.StartAsync(_proxy.Url);
        _ = lost.PublishOnceAsync(Envelopes.Commit());
        await replicas.InMempoolAsync(1);
        await Eventually.IsAsync(async () => await replicas.EntriesAsync() is [{ Attempts.Count: >= 2 }], "it was replaced");
        await lost.CrashAsync();
        var attempts = Assert.Single(await replicas.EntriesAsync()).Attempts;
        await chain.Chain.MineAsync(1, Cancel);

        await using var successor = await replicas.StartAsync();
        var again = TestFlow.Read(await successor.PublishOnceAsync(Envelopes.Commit(), TimeSpan.FromSeconds(40)));
        Assert.Equal(attempts[0].Hash, again.Hash);
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Pending));
        Assert.Equal(0, successor.Counted("xmtp_gateway_nonces_foreign_total"));
    }

    [Fact]
    public async Task A_cancelled_transaction_that_is_mined_after_all_is_the_answer_to_the_resend()
    {
        var replicas = await Replicas.OfAsync(chain, 81, redis.Database);
        var lost = await CancelAsync(replicas, 1);
        await lost.CrashAsync();
        await chain.Chain.MineAsync(1, Cancel);

        await using var successor = await replicas.StartAsync();
        var again = TestFlow.Read(await successor.PublishOnceAsync(Envelopes.Commit(), TimeSpan.FromSeconds(40)));
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Pending));
        Assert.NotEqual(0UL, again.Unsigned.OriginatorSequenceId);
    }

    [Fact]
    public async Task A_resend_waits_for_the_outcome_of_a_cancellation_that_was_taken_over_and_then_publishes_once()
    {
        var replicas = await Replicas.OfAsync(chain, 82, redis.Database);
        var lost = await CancelAsync(replicas, 82);
        await lost.CrashAsync();

        await using var successor = await replicas.StartAsync();
        var again = successor.PublishOnceAsync(Envelopes.Commit(82));
        await Eventually.IsAsync(() => successor.Counted("xmtp_gateway_nonces_adopted_total") == 1, "it is taken over");
        await Eventually.IsAsync(
            async () =>
            {
                await chain.Chain.MineAsync(1, Cancel);
                return again.IsCompleted;
            },
            "the resend is answered");
        TestFlow.Read(await again);

        // Either the first is mined, or the cancellation and then the resend; never the first and the resend.
        var cancelled = successor.Counted("xmtp_gateway_nonces_cancelled_total");
        Assert.Equal((ulong)(1 + cancelled), await replicas.CountAsync(BlockTag.Latest));
        Assert.Equal(1, await PublishedAsync(82));
    }

    [Fact]
    public async Task A_gateway_that_has_not_noticed_that_its_transaction_was_taken_over_and_replaced_answers_with_the_replacement()
    {
        var replicas = await Replicas.OfAsync(chain, 83, redis.Database);
        await using var wire = new TcpFaultProxy(redis.Server.Port);
        await using var connection = await ConnectionMultiplexer.ConnectAsync(
            $"127.0.0.1:{wire.Port},abortConnect=false,connectTimeout=1000,syncTimeout=1000");
        await using var former = await replicas.StartAsync(nonces: connection.GetDatabase());
        var sending = former.PublishAsync(Envelopes.Commit(83));
        await replicas.InMempoolAsync(1);
        wire.Mode = ProxyMode.BlackHole;
        await using var successor = await replicas.StartAsync();
        var mine = Assert.Single(former.PendingTransactions.All);
        await Eventually.IsAsync(
            () => successor.PendingTransactions.All.Any(
                taken => taken.IsKnown && mine.Attempts.All(attempt => attempt.Hash != taken.Current.Hash)),
            "it was taken over and replaced");
        Assert.False(mine.Lease.IsLost);
        await chain.Chain.MineAsync(1, Cancel);

        var answer = TestFlow.Read(await sending);
        Assert.DoesNotContain(answer.Hash, mine.Attempts.Select(attempt => attempt.Hash));
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Pending));
        Assert.Equal(0, former.Counted("xmtp_gateway_nonces_foreign_total"));
    }

    private async Task<int> PublishedAsync(byte seed)
    {
        var logs = (await chain.Rpc.GetLogsAsync(
            new LogFilter { Addresses = [ChainAddresses.GroupMessageBroadcaster], FromBlock = BlockTag.Earliest }, Cancel)).OrThrow();
        var payload = Google.Protobuf.MessageExtensions.ToByteArray(Envelopes.Commit(seed));
        return logs.Count(log => Convert.ToHexString(log.Data.Span).Contains(Convert.ToHexString(payload), StringComparison.Ordinal));
    }

    private async Task<TestFlow> CancelAsync(Replicas replicas, byte seed)
    {
        PassTheFirstAttemptOnly(isAnswered: true);
        var lost = await replicas.StartAsync(_proxy.Url);
        _ = lost.PublishOnceAsync(Envelopes.Commit(seed));
        await replicas.InMempoolAsync(1);
        await Eventually.IsAsync(
            async () => await replicas.EntriesAsync() is [{ Attempts: [.., { Kind: AttemptKind.Cancellation }] }], "it was cancelled");
        return lost;
    }
}
