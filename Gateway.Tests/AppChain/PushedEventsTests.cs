using Google.Protobuf;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>A chain that tells over its WebSocket what the contracts published: most questions need not be asked.</summary>
public sealed class PushedEventsTests : IAsyncLifetime
{
    private static readonly AppChainTransactionOptions NoPolls = TestFlow.Quick with
    {
        PollInterval = TimeSpan.FromHours(1),
        RecoveryInterval = TimeSpan.FromHours(1),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private Anvil _anvil = null!;
    private RpcProxy _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _anvil = await Anvil.StartAsync(new AnvilOptions(), Cancel);
        await StandInContracts.DeployAsync(_anvil.Rpc, Cancel);
        _proxy = await RpcProxy.StartAsync(_anvil.HttpUrl);
    }

    public async ValueTask DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _anvil.DisposeAsync();
    }

    private DevChain Chain => new(_anvil.Rpc);

    private async Task<TestFlow> StartAsync(AppChainTransactionOptions options, Uri? socket = null)
    {
        var gateway = await TestFlow.StartAsync(_proxy.Url, DevAccounts.Signer(0), options: options, heads: socket ?? _anvil.WebSocketUrl);
        await Eventually.IsAsync(() => gateway.ReceivesEvents, "events are delivered");
        return gateway;
    }

    private void Refuse(params string[] methods) =>
        _proxy.Fault = (method, _, forward) => methods.Contains(method) ? RpcProxy.Error(-32603, "internal error") : RpcProxy.Pass(forward);

    [Fact]
    public async Task A_commit_is_answered_from_its_pushed_event_without_a_request()
    {
        await using var gateway = await StartAsync(NoPolls);
        Refuse("eth_getTransactionReceipt", "eth_getTransactionCount", "eth_getBlockByHash");
        var envelopes = Enumerable.Range(0, 6).Select(i => i % 2 == 0 ? Envelopes.Commit((byte)i) : Envelopes.Identity((byte)i)).ToList();
        var outcomes = await gateway.PublishAsync(envelopes);
        for (var i = 0; i < envelopes.Count; i++)
        {
            var (unsigned, payer, hash) = TestFlow.Read(outcomes[i]);
            var receipt = (await _anvil.Rpc.GetReceiptAsync(hash, Cancel)).OrThrow()!;
            var block = (await _anvil.Rpc.GetBlockAsync(receipt.BlockHash, Cancel)).OrThrow()!;
            Assert.Equal(envelopes[i].ToByteString(), payer.UnsignedClientEnvelope);
            Assert.True(unsigned.OriginatorNs >= (long)block.Timestamp * 1_000_000_000);
        }

        await Eventually.IsAsync(
            async () => (await gateway.NonceStore.ListAsync(Cancel)).Entries.Count == 0, "every nonce came to its end");
    }

    [Fact]
    public async Task A_transaction_that_reverts_makes_no_event_and_is_found_by_the_count()
    {
        await using var gateway = await StartAsync(NoPolls);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        await Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, true, Cancel);
        Assert.Equal("APP_CHAIN_PAUSED", (await gateway.PublishAsync(Envelopes.Commit())).Error!.Reason);
    }

    [Fact]
    public async Task The_event_of_a_replacement_ends_the_pending_transaction_too()
    {
        await using var gateway = await StartAsync(TestFlow.Quick with { PriceRefresh = TimeSpan.Zero });
        await Chain.SetAutomineAsync(false, Cancel);
        Refuse("eth_getTransactionReceipt");
        var publishing = gateway.PublishAsync(Envelopes.Commit());
        await Eventually.IsAsync(() => gateway.Counted("xmtp_gateway_nonces_replaced_total") >= 1, "it is replaced");
        await Eventually.IsAsync(
            async () =>
            {
                await Chain.MineAsync(1, Cancel);
                return publishing.IsCompleted;
            },
            "the replacement is mined");
        TestFlow.Read(await publishing);
        Assert.Equal(1UL, (await _anvil.Rpc.GetTransactionCountAsync(DevAccounts.Signer(0).Address, BlockTag.Latest, Cancel)).OrThrow());
    }

    [Fact]
    public async Task An_event_that_precedes_the_send_response_marks_the_nonce_as_used()
    {
        await using var gateway = await StartAsync(NoPolls);
        _proxy.Fault = async (method, _, forward) =>
        {
            var answer = await forward();
            if (method != "eth_sendRawTransaction") return answer;
            await Eventually.IsAsync(() => gateway.PendingTransactions.All.All(pending => pending.MinedReceipt is not null), "it was told");
            return await RpcProxy.Error(-32000, "nonce too high: address 0x…, tx: 7 state: 3");
        };
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(2)));
        Assert.Equal(2UL, (await _anvil.Rpc.GetTransactionCountAsync(DevAccounts.Signer(0).Address, BlockTag.Latest, Cancel)).OrThrow());
    }

    [Fact]
    public async Task The_chain_is_polled_while_the_WebSocket_is_down()
    {
        await using var wire = new TcpFaultProxy(_anvil.WebSocketUrl.Port);
        await using var gateway = await StartAsync(TestFlow.Quick, wire.Through(_anvil.WebSocketUrl));
        wire.Mode = ProxyMode.Cut;
        await Eventually.IsAsync(() => !gateway.ReceivesEvents, "events are no longer delivered");
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        Assert.Null((await gateway.PublishAsync(Envelopes.Identity())).Error);
    }
}
