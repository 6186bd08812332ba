using Google.Protobuf;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>The chain takes blocks back that answered commits were in.</summary>
public sealed class ReorganizationTests(DevChainFixture chain, RedisOfOne redis)
    : IClassFixture<DevChainFixture>, IClassFixture<RedisOfOne>, IAsyncLifetime
{
    private const string Removed = "xmtp_gateway_transactions_removed_total";
    private const string Lost = "xmtp_gateway_transactions_lost_total";

    private RpcProxy _proxy = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);

    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commits_that_it_takes_back_are_broadcast_again_in_their_order(bool withRedis)
    {
        var replicas = await Replicas.OfAsync(chain, withRedis ? (byte)90 : (byte)91, redis.Database);
        await using var gateway = withRedis
            ? await replicas.StartAsync()
            : await TestFlow.StartAsync(chain.Anvil.HttpUrl, replicas.Signer);
        var first = withRedis ? 11 : 15;
        ClientEnvelope[] commits = [.. Enumerable.Range(first, 3).Select(seed => Envelopes.Commit((byte)seed))];
        foreach (var commit in commits) TestFlow.Read(await gateway.PublishOnceAsync(commit));

        await TakeBackAsync(replicas, 3);
        await OnChainAgainAsync(replicas, commits);
        await Eventually.IsAsync(() => gateway.Counted(Removed) == 3, "three are counted");
        Assert.Equal(0, gateway.Counted(Lost));

        // And the next one comes after them.
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit((byte)(first + 3))));
        Assert.Equal(4UL, await replicas.CountAsync(BlockTag.Pending));
    }

    [Fact]
    public async Task A_gateway_that_starts_later_broadcasts_the_commits_of_an_ended_one()
    {
        var replicas = await Replicas.OfAsync(chain, 92, redis.Database);
        ClientEnvelope[] commits = [Envelopes.Commit(21), Envelopes.Commit(22)];
        await using (var gateway = await replicas.StartAsync())
        {
            foreach (var commit in commits) TestFlow.Read(await gateway.PublishOnceAsync(commit));
            await Eventually.IsAsync(async () => (await replicas.EntriesAsync()).Count == 0, "both are finished");
        }

        await TakeBackAsync(replicas, 2);
        await using var successor = await replicas.StartAsync();
        await OnChainAgainAsync(replicas, commits);
    }

    [Fact]
    public async Task A_resend_of_a_commit_that_was_reorganized_is_answered_and_not_paid_again()
    {
        var replicas = await Replicas.OfAsync(chain, 93, redis.Database);
        await using var gateway = await replicas.StartAsync();
        var (unsigned, _, _) = TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(31)));
        await TakeBackAsync(replicas, 1);
        var (again, _, _) = TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(31)));
        Assert.Equal(unsigned.OriginatorSequenceId, again.OriginatorSequenceId);
        await OnChainAgainAsync(replicas, Envelopes.Commit(31));
        Assert.Equal(1UL, await replicas.CountAsync(BlockTag.Pending));
    }

    [Fact]
    public async Task Nothing_is_sent_while_an_endpoint_that_lags_counts_fewer_transactions()
    {
        var replicas = await Replicas.OfAsync(chain, 94, redis.Database);
        await using var gateway = await replicas.StartAsync(_proxy.Url);
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(41)));
        await Eventually.IsAsync(async () => (await replicas.EntriesAsync()).Count == 0, "it is finished");
        _proxy.Fault = (method, _, forward) =>
            method == "eth_getTransactionCount" ? RpcProxy.Result("0x0") : RpcProxy.Pass(forward);
        var asked = _proxy.Asked.GetValueOrDefault("eth_getTransactionByHash");
        await Eventually.IsAsync(
            () => _proxy.Asked.GetValueOrDefault("eth_getTransactionByHash") > asked + 2, "it is looked up, and again");
        Assert.Equal(1, _proxy.Asked["eth_sendRawTransaction"]);
        Assert.Equal(0, gateway.Counted(Removed));
    }

    [Fact]
    public async Task Commits_that_an_endpoint_does_not_take_at_once_are_broadcast_when_it_does()
    {
        var replicas = await Replicas.OfAsync(chain, 95, redis.Database);
        await using var gateway = await replicas.StartAsync(_proxy.Url);
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(51)));
        var refused = 0;
        _proxy.Fault = (method, _, forward) =>
            method == "eth_sendRawTransaction" && Interlocked.Increment(ref refused) <= 3
                ? RpcProxy.Error(-32603, "internal error")
                : RpcProxy.Pass(forward);
        await TakeBackAsync(replicas, 1);
        await OnChainAgainAsync(replicas, Envelopes.Commit(51));
        Assert.True(refused > 3);
    }

    [Fact]
    public async Task A_commit_whose_nonce_another_transaction_uses_after_it_is_reported_as_lost()
    {
        var replicas = await Replicas.OfAsync(chain, 96, redis.Database);
        await using var gateway = await replicas.StartAsync(_proxy.Url);
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(61)));
        // The endpoint takes it, and drops it.
        _proxy.Fault = (method, _, forward) =>
            method == "eth_sendRawTransaction" ? RpcProxy.Result($"0x{new string('1', 64)}") : RpcProxy.Pass(forward);
        await TakeBackAsync(replicas, 1);
        await Eventually.IsAsync(() => gateway.Counted(Removed) == 1, "it is broadcast again");
        var other = await new LegacyTransaction
        {
            ChainId = 31337,
            Nonce = 0,
            To = replicas.Signer.Address,
            GasPrice = Wei.FromGwei(10),
            GasLimit = 21_000,
        }.SignAsync(replicas.Signer, Cancel);
        (await chain.Rpc.SendRawTransactionAsync(other.Raw, Cancel)).OrThrow();
        await Eventually.IsAsync(() => gateway.Counted(Lost) == 1, "it is reported");
    }

    [Fact]
    public async Task Commits_continue_within_thirty_seconds_when_the_store_lost_the_transactions_that_it_removed()
    {
        var replicas = await Replicas.OfAsync(chain, 97, redis.Database);
        await using var gateway = await replicas.StartAsync(_proxy.Url);
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(71)));
        await Eventually.IsAsync(async () => (await replicas.EntriesAsync()).Count == 0, "it is finished");
        await redis.Database.ExecuteAsync("FLUSHALL");
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(72)));
        await Eventually.IsAsync(async () => (await replicas.EntriesAsync()).Count == 0, "the second is finished too");
        await TakeBackAsync(replicas, 2);

        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(73), TimeSpan.FromSeconds(30)));
        await Eventually.IsAsync(
            async () => (await MinedAsync()).Contains(Hex(Envelopes.Commit(72))), "what the store still had is mined again");
    }

    private async Task TakeBackAsync(Replicas replicas, ulong count)
    {
        Assert.Equal(count, await replicas.CountAsync(BlockTag.Latest));
        await chain.Chain.ReorganizeAsync((uint)count, Cancel);
    }

    private async Task OnChainAgainAsync(Replicas replicas, params ClientEnvelope[] commits)
    {
        await Eventually.IsAsync(
            async () => await replicas.CountAsync(BlockTag.Latest) == (ulong)commits.Length, "all are mined again");
        var sent = commits.Select(Hex).ToList();
        Assert.Equal(sent, (await MinedAsync()).Where(sent.Contains));
    }

    private async Task<IReadOnlyList<string>> MinedAsync()
    {
        var logs = (await chain.Rpc.GetLogsAsync(
            new LogFilter { Addresses = [ChainAddresses.GroupMessageBroadcaster], FromBlock = BlockTag.Earliest }, Cancel)).OrThrow();
        return [.. logs.Select(log => GroupMessageBroadcasterContract.TryReadMessageSent(log, out var message) ? message : null)
            .OfType<MessageSent>()
            .Select(message => Convert.ToHexString(message.Message.Span))];
    }

    private static string Hex(ClientEnvelope commit) => Convert.ToHexString(commit.ToByteArray());
}
