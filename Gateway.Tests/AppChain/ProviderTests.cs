using System.Text.Json.Nodes;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>
/// Publishing through providers as they are: they limit, refuse, forget optional members, write numbers in their own
/// way.
/// </summary>
public sealed class ProviderTests : ProxiedChain
{
    private static readonly AppChainTransactionOptions Hasty = TestFlow.Quick with { SendTimeout = TimeSpan.FromSeconds(3) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("time of zero", true)]
    [InlineData("time of zero", false)]
    [InlineData("time as a number", true)]
    [InlineData("time in words", true)]
    [InlineData("time in milliseconds", true)]
    [InlineData("time in milliseconds", false)]
    [InlineData("time days ahead", true)]
    [InlineData("time of 64 bits", false)]
    [InlineData("zeros", true)]
    [InlineData("zeros", false)]
    [InlineData("numbers", true)]
    [InlineData("numbers", false)]
    [InlineData("no optional member", true)]
    [InlineData("no optional member", false)]
    public async Task A_commit_on_a_chain_that_is_ahead_has_the_time_of_its_block_however_the_provider_writes_it(
        string writing, bool withSocket)
    {
        // Ahead of this machine's clock, so that the block's time is the answer's.
        await new DevChain(Node.Rpc).PassTimeAsync(TimeSpan.FromHours(1), Cancel);
        Proxy.Rewrite = Writing(writing);
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket);

        foreach (var envelope in new[] { Envelopes.Commit(), Envelopes.Identity() })
        {
            var (unsigned, _, hash) = TestFlow.Read(await gateway.PublishAsync(envelope));
            var block = (await Node.Rpc.GetBlockAsync(
                (await Node.Rpc.GetReceiptAsync(hash, Cancel)).OrThrow()!.BlockHash, Cancel)).OrThrow()!;
            Assert.Equal((long)block.Timestamp, unsigned.OriginatorNs / 1_000_000_000);
        }
    }

    [Fact]
    public async Task A_commit_on_a_provider_that_is_well_costs_one_request_and_its_event()
    {
        var options = LongTimeouts with
        {
            PriceRefresh = TimeSpan.FromHours(1),
            ContractRefresh = TimeSpan.FromHours(1),
            EventTimeout = TimeSpan.FromHours(1),
            LookupInterval = TimeSpan.FromHours(1),
            PollInterval = TimeSpan.FromHours(1),
        };
        await using var gateway = await StartAsync(options, withSocket: true);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        Proxy.Asked.Clear();

        for (var i = 0; i < 20; i++) TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit((byte)i)));

        Assert.Equal(20, Proxy.Asked["eth_sendRawTransaction"]);
        Assert.InRange(Proxy.Requests, 20, 30);
        Assert.True(
            Proxy.Asked.Keys.All(
                method => method is "eth_sendRawTransaction" or "eth_getTransactionCount" or "eth_getTransactionReceipt" or "eth_call"),
            string.Join(' ', Proxy.Asked));
    }

    [Fact]
    public async Task A_block_that_is_not_served_by_hash_is_requested_by_number()
    {
        Proxy.Rewrite = RpcFaultModes.LogTimes(_ => "0x0");
        Refuse(-32601, "eth_getBlockByHash");
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);

        Assert.True(TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit())).Unsigned.OriginatorNs > 0);
    }

    [Fact]
    public async Task Under_503_the_caller_is_answered_soon_and_the_same_bytes_are_mined_once_for_it_and_its_repetition()
    {
        await using var gateway = await StartAsync(Hasty, withSocket: false);
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit()));
        Proxy.Reply = _ => RpcFaultModes.Unavailable;

        var refused = await gateway.PublishOnceAsync(Envelopes.Commit(2));
        Assert.Equal(
            (PublishErrorKind.Unavailable, "APP_CHAIN_NOT_TAKEN", false), (refused.Error!.Kind, refused.Error.Reason, refused.IsUnsent));
        Assert.NotNull(refused.Error.RetryAfter);
        var stored = Assert.Single((await gateway.NonceStore.ListAsync(Cancel)).Entries, entry => entry.IsInDoubt).Attempts[0].Hash;
        var again = gateway.PublishOnceAsync(Envelopes.Commit(2));
        Assert.Contains(
            Logs.Lines,
            line => line.Contains("did not accept the transaction", StringComparison.Ordinal)
                && line.Contains("503", StringComparison.Ordinal));
        Proxy.Reply = _ => null;

        Assert.Equal(stored, TestFlow.Read(await again).Hash);
        Assert.Equal(2UL, await CountAsync());
        Assert.Equal(0, gateway.Counted("xmtp_gateway_nonces_cancelled_total"));
    }

    [Fact]
    public async Task While_everything_is_refused_waiters_for_a_nonce_are_answered_and_nothing_is_published_twice()
    {
        await using var gateway = await StartAsync(
            Hasty with { NonceStore = TestFlow.Quick.NonceStore with { MaxInFlight = 4 } }, withSocket: false);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(20)));
        Proxy.Reply = _ => RpcFaultModes.Unavailable;

        var outcomes = await Task.WhenAll(Enumerable.Range(1, 12).Select(i => gateway.PublishOnceAsync(Envelopes.Commit((byte)i))));
        Assert.All(outcomes, outcome => Assert.Equal(PublishErrorKind.Unavailable, outcome.Error!.Kind));
        Assert.Equal(8, outcomes.Count(outcome => outcome.IsUnsent));
        Proxy.Reply = _ => null;

        foreach (var outcome in await Task.WhenAll(
            Enumerable.Range(1, 12).Select(i => gateway.PublishOnceAsync(Envelopes.Commit((byte)i)))))
        {
            TestFlow.Read(outcome);
        }
        Assert.Equal(13UL, await CountAsync());
    }

    [Fact]
    public async Task An_unsent_transaction_is_withdrawn_and_its_nonce_reused()
    {
        await using var gateway = await StartAsync(Hasty, withSocket: false);
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit()));
        var port = Proxy.Url.Port;
        await Proxy.DisposeAsync();

        var refused = await gateway.PublishOnceAsync(Envelopes.Commit(2));
        Assert.Equal((PublishErrorKind.Unavailable, true), (refused.Error!.Kind, refused.IsUnsent));
        Assert.DoesNotContain((await gateway.NonceStore.ListAsync(Cancel)).Entries, entry => entry.IsInDoubt);
        Proxy = await RpcProxy.StartAsync(Node.HttpUrl, port);

        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(3)));
        Assert.Equal(2UL, await CountAsync());
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(2)));
        Assert.Equal(3UL, await CountAsync());
    }

    [Theory]
    [MemberData(nameof(RpcFaultModes.Limits), MemberType = typeof(RpcFaultModes))]
    public async Task A_publish_waits_for_a_limit_to_end_within_its_deadline_and_pays_for_nothing_else(string body)
    {
        await using var gateway = await StartAsync(Hasty, withSocket: false);
        var limits = new Dictionary<string, int> { ["eth_estimateGas"] = 1, ["eth_sendRawTransaction"] = 1 };
        // Longer than an endpoint has to take a transaction.
        Proxy.Reply = method =>
        {
            lock (limits) return limits.GetValueOrDefault(method) > 0 && limits[method]-- > 0 ? new RpcReply(429, body, "4") : null;
        };

        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));

        Assert.All(limits.Values, left => Assert.Equal(0, left));
        Assert.Equal(1UL, await CountAsync());
        Assert.Equal(0, gateway.Counted("xmtp_gateway_nonces_cancelled_total"));
    }

    [Fact]
    public async Task A_limit_that_outlives_the_deadline_leaves_the_same_transaction_to_be_mined()
    {
        await using var gateway = await StartAsync(Hasty, withSocket: false);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        Proxy.Reply = _ => new RpcReply(429, "");

        Assert.NotNull((await gateway.PublishOnceAsync(Envelopes.Commit(2), TimeSpan.FromSeconds(4))).Error);
        Proxy.Reply = _ => null;

        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit(2)));
        Assert.Equal(2UL, await CountAsync());
        Assert.Equal(0, gateway.Counted("xmtp_gateway_nonces_cancelled_total"));
    }

    [Theory]
    [InlineData("the pending count")]
    [InlineData("block 0")]
    [InlineData("transactions by their hash")]
    [InlineData("code")]
    [InlineData("all of them")]
    public async Task A_question_that_is_rarely_served_is_not_needed(string question)
    {
        Proxy.Fault = (method, parameters, forward) => question switch
        {
            "the pending count" or "all of them" when method == "eth_getTransactionCount" && parameters[1].GetString() == "pending" =>
                RpcProxy.Error(-32602, "pending is not supported"),
            "block 0" or "all of them" when method == "eth_getBlockByNumber" && parameters[0].GetString() == "0x0" =>
                RpcProxy.Error(-32001, "historical state is not available"),
            "transactions by their hash" or "all of them" when method == "eth_getTransactionByHash" => RpcProxy.Error(-32601, "not served"),
            "code" when method == "eth_getCode" => RpcProxy.Error(-32601, "not served"),
            _ => RpcProxy.Pass(forward),
        };
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => gateway.PublishAsync(Envelopes.Commit((byte)i))));
        Assert.True(
            outcomes.All(outcome => outcome.Error is null),
            string.Join('\n', [.. outcomes.Select(outcome => outcome.Error?.Message), .. Logs.Lines]));
        Assert.Equal(6UL, await CountAsync());
        if (question == "the pending count")
            Assert.Contains(Logs.Lines, line => line.Contains("pending is not supported", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stuck_transaction_is_replaced_where_transactions_by_their_hash_are_not_served()
    {
        Refuse(-32601, "eth_getTransactionByHash", "not served");
        await Chain.SetAutomineAsync(false, Cancel);
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);

        var publishing = gateway.PublishAsync(Envelopes.Commit());
        await Eventually.IsAsync(() => gateway.Counted("xmtp_gateway_nonces_replaced_total") > 0, "it is replaced");
        await Chain.MineAsync(1, Cancel);

        TestFlow.Read(await publishing);
        Assert.Equal(1UL, await CountAsync());
    }

    [Fact]
    public async Task A_lasting_underpriced_refusal_causes_few_sends_of_one_envelope()
    {
        await using var gateway = await StartAsync(LongTimeouts with { PollInterval = TimeSpan.FromHours(1) }, withSocket: false);
        Refuse(-32000, "eth_sendRawTransaction", "replacement transaction underpriced");
        Proxy.Asked.Clear();

        var outcome = await gateway.PublishAsync(Envelopes.Commit());

        Assert.Equal((PublishErrorKind.Unavailable, true), (outcome.Error!.Kind, outcome.IsUnsent));
        Assert.InRange(Proxy.Asked["eth_sendRawTransaction"], 1, TestFlow.Quick.MaxAttempts);
        Assert.InRange(Proxy.Requests, 1, 40);
    }

    [Fact]
    public async Task A_replacement_that_is_underpriced_again_and_again_is_sent_ever_less()
    {
        await Chain.SetAutomineAsync(false, Cancel);
        await using var gateway = await StartAsync(TestFlow.Quick with { MaxGasPrice = Wei.FromGwei(1_000_000_000) }, withSocket: false);
        var sent = 0;
        Proxy.Fault = (method, _, forward) => method == "eth_sendRawTransaction" && Interlocked.Increment(ref sent) > 1
            ? RpcProxy.Error(-32000, "replacement transaction underpriced")
            : RpcProxy.Pass(forward);
        var start = TimeProvider.System.GetTimestamp();
        var publishing = gateway.PublishAsync(Envelopes.Commit());
        await Eventually.IsAsync(() => Proxy.Asked.GetValueOrDefault("eth_getTransactionByHash") >= 50, "it is looked up again and again");

        // The pauses have at least 0.4 s, 0.8 s, 1.6 s, and then 3.2 s; after each it is sent twice at most.
        var pauses = 4 + (int)(TimeProvider.System.GetElapsedTime(start).TotalSeconds / 3.2);
        Assert.InRange(Volatile.Read(ref sent), 1 + TestFlow.Quick.MaxAttempts, 2 + TestFlow.Quick.MaxAttempts + (2 * pauses));
        await Chain.MineAsync(1, Cancel);

        TestFlow.Read(await publishing);
        Assert.Equal(1UL, await CountAsync());
    }

    [Theory]
    [InlineData("transactionHash", "events")]
    [InlineData("parentHash", "heads")]
    public async Task A_WebSocket_that_delivers_nothing_of_what_was_mined_is_connected_again(string muted, string what)
    {
        await using var gateway = await StartAsync(TestFlow.Quick with { SilentAfter = TimeSpan.FromSeconds(1) }, withSocket: true);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        var sockets = Proxy.Sockets;
        Proxy.Rewrite = RpcFaultModes.Mute($"\"{muted}\"");

        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(2)));

        await Eventually.IsAsync(() => Proxy.Sockets > sockets, "it is connected again");
        Assert.Contains(Logs.Lines, line => line.Contains($"delivered no {what}", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nonces_that_another_sender_used_do_not_delay_a_commit_and_the_log_names_the_wallet()
    {
        await using var gateway = await StartAsync(LongTimeouts, withSocket: false);
        for (var round = 0; round < 3; round++)
        {
            var next = await CountAsync();
            for (var i = 0UL; i < 2; i++) await SendForeignAsync(next + i, Wei.FromGwei(10));
            TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit((byte)round)));
        }

        Assert.Equal(9UL, await CountAsync());
        Assert.True(gateway.Counted("xmtp_gateway_nonces_foreign_total") >= 3);
        Assert.Contains(Logs.Lines, line => line.Contains("another sender uses this wallet", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_transaction_that_another_sender_s_took_the_place_of_is_published_at_another_nonce()
    {
        await using var gateway = await StartAsync(LongTimeouts with { StuckAfter = TimeSpan.FromHours(1) }, withSocket: false);
        await Chain.SetAutomineAsync(false, Cancel);
        var publishing = gateway.PublishAsync(Envelopes.Commit());
        await Eventually.IsAsync(
            async () => (await Node.Rpc.GetTransactionCountAsync(Signer.Address, BlockTag.Pending, Cancel)).OrThrow() == 1,
            "ours is in the mempool");
        var foreign = await SendForeignAsync(0, Wei.FromGwei(90));
        await Chain.MineAsync(1, Cancel);
        await Chain.SetAutomineAsync(true, Cancel);

        TestFlow.Read(await publishing);
        Assert.True((await Node.Rpc.GetReceiptAsync(foreign, Cancel)).OrThrow()!.Succeeded);
        Assert.Equal(2UL, await CountAsync());
    }

    [Fact]
    public async Task A_nonce_too_low_of_our_own_transaction_is_no_other_sender_s()
    {
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);
        var again = 1;
        Proxy.Fault = async (method, _, forward) =>
        {
            if (method != "eth_sendRawTransaction" || Interlocked.Decrement(ref again) < 0) return await forward();
            // A gateway in front sent it twice, and the second answer is the one that comes.
            await forward();
            return await RpcProxy.Error(-32000, "nonce too low: next nonce 1, tx nonce 0");
        };

        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        Assert.Equal(1UL, await CountAsync());
        Assert.Equal(0, gateway.Counted("xmtp_gateway_nonces_foreign_total"));
    }

    [Theory]
    [InlineData("refused")]
    [InlineData("not found")]
    [InlineData("silent")]
    public async Task Events_are_pushed_once_the_endpoint_accepts_a_subscription_that_it_refused(string fault)
    {
        var refusals = 4;
        Proxy.SocketFault = (method, _) => method != "eth_subscribe" || Interlocked.Decrement(ref refusals) < 0 ? null
            : fault == "silent" ? "" : RpcFaultModes.Error(fault == "refused" ? -32005 : -32601, "no");
        await using var gateway = await TestFlow.StartAsync(
            Proxy.Url,
            Signer,
            options: TestFlow.Quick,
            heads: Proxy.WebSocketUrl,
            sockets: new()
            {
                SubscribeTimeout = TimeSpan.FromMilliseconds(200),
                FirstBackoff = TimeSpan.FromMilliseconds(20),
                MaxBackoff = TimeSpan.FromMilliseconds(100),
            });
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));

        await Eventually.IsAsync(
            async () =>
            {
                if (fault == "not found") await Proxy.CutSocketsAsync();
                return gateway.ReceivesEvents;
            },
            "events are delivered");
    }

    [Fact]
    public async Task Changed_payload_bounds_apply_at_once()
    {
        await using var gateway = await StartAsync(TestFlow.Quick with { ContractRefresh = TimeSpan.FromHours(1) }, withSocket: true);
        await Eventually.IsAsync(() => gateway.ReceivesEvents, "events are delivered");
        Assert.Null(gateway.Check(Envelopes.Commit()));

        await Chain.SetPayloadSizesAsync(ChainAddresses.GroupMessageBroadcaster, 100_000, 200_000, Cancel);

        await Eventually.IsAsync(() => gateway.Check(Envelopes.Commit())?.Reason == "APP_CHAIN_PAYLOAD_SIZE", "the bounds were heard of");
    }

    private static Func<string, string> Writing(string name) => name switch
    {
        "zeros" => RpcFaultModes.Quantities(RpcFaultModes.WithZeros),
        "numbers" => RpcFaultModes.Quantities(RpcFaultModes.AsNumber),
        "time of zero" => RpcFaultModes.LogTimes(_ => "0x0"),
        "time as a number" => RpcFaultModes.LogTimes(time => JsonValue.Create(Convert.ToUInt64(time, 16))),
        "time in words" => RpcFaultModes.LogTimes(_ => "2026-11-25T12:00:00Z"),
        "time in milliseconds" => RpcFaultModes.LogTimes(time => JsonValue.Create(Convert.ToUInt64(time, 16) * 1000)),
        "time days ahead" => RpcFaultModes.LogTimes(time => JsonValue.Create(Convert.ToUInt64(time, 16) + 1_000_000)),
        "time of 64 bits" => RpcFaultModes.LogTimes(_ => "0xffffffffffffffff"),
        "no optional member" =>
            RpcFaultModes.Without("blockTimestamp", "removed", "logsBloom", "gasUsed", "effectiveGasPrice", "transactionIndex", "status"),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };

    private void Refuse(int code, string method, string words = "not served") =>
        Proxy.Fault = (asked, _, forward) => asked == method ? RpcProxy.Error(code, words) : RpcProxy.Pass(forward);
}
