using System.Globalization;
using System.Text.Json.Nodes;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>Results of transactions, gas and times of blocks from providers that write them otherwise, or serve none.</summary>
public sealed class ResultShapeTests : ProxiedChain
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("status true")]
    [InlineData("status of 1")]
    [InlineData("status in decimal text")]
    [InlineData("no status")]
    [InlineData("no logs")]
    [InlineData("null for logs")]
    [InlineData("no status and no logs")]
    [InlineData("no block hash")]
    [InlineData("logs without their block")]
    [InlineData("no block hash anywhere")]
    [InlineData("an unreadable log of another contract")]
    [InlineData("its own log unreadable")]
    [InlineData("a text")]
    public async Task A_commit_is_answered_from_a_receipt_of_any_shape(string shape)
    {
        Proxy.Fault = RpcFaultModes.Receipts(Shape(shape));
        await using var gateway = await StartAsync(LongTimeouts, withSocket: false);

        foreach (var envelope in new[] { Envelopes.Commit(), Envelopes.Identity() })
        {
            var (_, payer, hash) = TestFlow.Read(await gateway.PublishAsync(envelope, TimeSpan.FromSeconds(60)));
            Assert.True((await Node.Rpc.GetReceiptAsync(hash, Cancel)).OrThrow()!.Succeeded);
            Assert.NotEmpty(payer.UnsignedClientEnvelope);
        }
    }

    [Theory]
    [InlineData("status false")]
    [InlineData("status of 0")]
    [InlineData("status in decimal text")]
    [InlineData("null for logs")]
    public async Task A_commit_that_reverted_is_reported_at_once_whatever_the_receipt_looks_like(string shape) =>
        await RevertsAsync(shape, LongTimeouts);

    [Theory]
    [InlineData("no status")]
    [InlineData("no status and no logs")]
    [InlineData("a text")]
    public async Task A_result_without_status_and_logs_counts_as_reverted_in_the_end(string shape) =>
        await RevertsAsync(shape, TestFlow.Quick);

    [Fact]
    public async Task Without_receipts_the_event_in_the_block_is_the_result_and_its_lack_a_revert()
    {
        Proxy.Fault = (method, _, forward) =>
            method == "eth_getTransactionReceipt" ? RpcProxy.Error(-32601, "not served to you") : RpcProxy.Pass(forward);
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);

        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        await Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, true, Cancel);
        Assert.Equal("APP_CHAIN_PAUSED", (await gateway.PublishAsync(Envelopes.Commit(2))).Error!.Reason);

        Assert.Contains(
            Logs.Lines,
            line => line.Contains("results are read from the logs", StringComparison.Ordinal)
                && line.Contains("not served to you", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("blockHash")]
    [InlineData("fromBlock")]
    public async Task Without_receipts_the_mined_transaction_is_found_in_the_newest_blocks(string servedFilter)
    {
        Proxy.Fault = (method, parameters, forward) => method switch
        {
            "eth_getTransactionReceipt" or "eth_getTransactionByHash" => RpcProxy.Error(-32000, "only on paid plans"),
            "eth_getLogs" when !parameters[0].TryGetProperty(servedFilter, out _) => RpcProxy.Error(-32602, "no such filter"),
            _ => RpcProxy.Pass(forward),
        };
        await using var gateway = await StartAsync(LongTimeouts, withSocket: false);

        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Identity()));
    }

    [Fact]
    public async Task While_no_result_can_be_read_the_log_and_the_readiness_say_so_and_then_the_commit_is_answered()
    {
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);
        Proxy.Fault = (method, _, forward) => method is "eth_getTransactionReceipt" or "eth_getLogs"
            ? RpcProxy.Error(-32601, "not served to you")
            : RpcProxy.Pass(forward);

        Assert.NotNull((await gateway.PublishOnceAsync(Envelopes.Commit(), TimeSpan.FromSeconds(2))).Error);

        await Eventually.IsAsync(
            () => gateway.Trouble is { Error.Message: var words } && words.Contains("not served to you", StringComparison.Ordinal),
            "the readiness has it");
        Assert.Contains(
            Logs.Lines,
            line => line.Contains("cannot be read", StringComparison.Ordinal)
                && line.Contains("not served to you", StringComparison.Ordinal));
        Proxy.Fault = (_, _, forward) => RpcProxy.Pass(forward);
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit()));
        Assert.Null(gateway.Trouble);
        Assert.Equal(1UL, await CountAsync());
    }

    [Fact]
    public async Task A_commit_is_answered_without_a_receipt_that_is_never_served()
    {
        Proxy.Fault = (method, _, forward) => method == "eth_getTransactionReceipt"
            ? Task.FromResult<string?>("""{"jsonrpc":"2.0","id":0,"result":null}""")
            : RpcProxy.Pass(forward);
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);

        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(), TimeSpan.FromSeconds(60)));
        Assert.Equal(1UL, await CountAsync());
    }

    [Theory]
    [InlineData(-32601, "not served")]
    [InlineData(-32004, "no")]
    [InlineData(-32000, "eth_estimateGas is not available on your plan")]
    public async Task Without_estimates_a_commit_offers_the_most_gas_that_its_size_can_use(int code, string words)
    {
        Proxy.Fault = (method, _, forward) => method == "eth_estimateGas" ? RpcProxy.Error(code, words) : RpcProxy.Pass(forward);
        await using var gateway = await StartAsync(LongTimeouts, withSocket: false);

        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Identity()));

        Assert.Null(gateway.Trouble);
        Assert.Contains(Logs.Lines, line => line.Contains("estimates no gas", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_estimates_on_a_chain_that_may_be_an_Arbitrum_one_nothing_is_sent_and_the_readiness_says_why()
    {
        Proxy.Fault = (method, _, forward) =>
            method is "eth_estimateGas" or "eth_getCode" ? RpcProxy.Error(-32601, "not served to you") : RpcProxy.Pass(forward);
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);

        Assert.True((await gateway.PublishAsync(Envelopes.Commit())).IsUnsent);

        Assert.Equal("eth_estimateGas", gateway.Trouble?.Error.Method);
        Assert.Contains("not served to you", gateway.Trouble!.Value.Error.Message, StringComparison.Ordinal);
        Assert.Equal(0UL, await CountAsync());
    }

    [Fact]
    public async Task A_long_rate_limit_is_reported_with_the_endpoints_text()
    {
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);
        Proxy.Reply = _ => new RpcReply(429, RpcFaultModes.Error(-32007, "50/second request limit reached"));

        await Eventually.IsAsync(
            () => gateway.Trouble is { Error.Message: var words } && words.Contains("request limit reached", StringComparison.Ordinal),
            "the readiness has it");
        Proxy.Reply = _ => null;
        await Eventually.IsAsync(() => gateway.Trouble is null, "it is over");
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
    }

    [Theory]
    [InlineData("zero")]
    [InlineData("missing")]
    [InlineData("in words")]
    [InlineData("no block")]
    public async Task A_commit_in_a_block_without_a_time_has_the_gateways_time(string time)
    {
        var before = Now();
        Proxy.Rewrite = Times(time);
        if (time == "no block")
        {
            Proxy.Fault = (method, parameters, forward) =>
                method is "eth_getBlockByHash" or "eth_getBlockByNumber" && parameters[0].GetString() != "latest"
                    ? Task.FromResult<string?>("""{"jsonrpc":"2.0","id":0,"result":null}""")
                    : RpcProxy.Pass(forward);
        }
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);

        var (unsigned, _, _) = TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));

        Assert.InRange(unsigned.OriginatorNs, before, Now() + 1_000_000);
    }

    [Theory]
    [InlineData("eth_getBlockByHash has no time")]
    [InlineData("text")]
    public async Task The_time_of_a_block_is_read_by_its_number_and_as_decimal_text(string time)
    {
        // Ahead of this machine's clock, so that the block's time is the answer's.
        await Chain.PassTimeAsync(TimeSpan.FromHours(1), Cancel);
        Proxy.Rewrite = RpcFaultModes.LogTimes(_ => null);
        Proxy.Fault = async (method, _, forward) =>
        {
            var answer = await forward();
            if (!method.StartsWith("eth_getBlockBy", StringComparison.Ordinal)) return answer;
            if (time == "text") return RpcFaultModes.BlockTimes(InDecimal)(answer);
            return method == "eth_getBlockByHash" ? RpcFaultModes.BlockTimes(_ => null)(answer) : answer;
        };
        await using var gateway = await StartAsync(TestFlow.Quick, withSocket: false);

        var (unsigned, _, hash) = TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));

        var block = (await Node.Rpc.GetBlockAsync(
            (await Node.Rpc.GetReceiptAsync(hash, Cancel)).OrThrow()!.BlockHash, Cancel)).OrThrow()!;
        Assert.Equal((long)block.Timestamp, unsigned.OriginatorNs / 1_000_000_000);
    }

    private static Func<string, string> Times(string name) => answer => RpcFaultModes.LogTimes(_ => null)(name switch
    {
        "zero" => RpcFaultModes.BlockTimes(_ => "0x0")(answer),
        "missing" => RpcFaultModes.BlockTimes(_ => null)(answer),
        "in words" => RpcFaultModes.BlockTimes(_ => "2026-11-25T12:00:00Z")(answer),
        _ => answer,
    });

    private static Func<JsonObject, JsonNode?> Shape(string name) => receipt =>
    {
        if (name == "a text") return "mined";
        var hasSucceeded = receipt["status"]!.GetValue<string>() == "0x1";
        var logs = receipt["logs"]!.AsArray();
        switch (name)
        {
            case "status true" or "status false": receipt["status"] = hasSucceeded; break;
            case "status of 1" or "status of 0": receipt["status"] = hasSucceeded ? 1 : 0; break;
            case "status in decimal text": receipt["status"] = hasSucceeded ? "1" : "0"; break;
            case "no status": receipt.Remove("status"); break;
            case "no logs": receipt.Remove("logs"); break;
            case "null for logs": receipt["logs"] = null; break;
            case "no status and no logs":
                receipt.Remove("status");
                receipt.Remove("logs");
                break;
            case "no block hash": receipt.Remove("blockHash"); break;
            case "logs without their block":
                foreach (var log in logs) Bare(log!.AsObject());
                break;
            case "no block hash anywhere":
                receipt.Remove("blockHash");
                foreach (var log in logs) log!.AsObject().Remove("blockHash");
                break;
            case "an unreadable log of another contract":
                logs.Insert(0, RpcFaultModes.UnreadableLog);
                break;
            case "its own log unreadable":
                foreach (var log in logs) log!["data"] = "none";
                break;
            default: throw new ArgumentOutOfRangeException(nameof(name));
        }

        return receipt;
    };

    private static JsonNode? InDecimal(string quantity) => Convert.ToUInt64(quantity, 16).ToString(CultureInfo.InvariantCulture);

    private static void Bare(JsonObject log)
    {
        foreach (var name in new[] { "blockHash", "blockNumber", "transactionHash", "logIndex", "blockTimestamp" }) log.Remove(name);
    }

    private static long Now() => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;

    private async Task RevertsAsync(string shape, AppChainTransactionOptions options)
    {
        Proxy.Fault = RpcFaultModes.Receipts(Shape(shape));
        await using var gateway = await StartAsync(options, withSocket: false);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        await Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, true, Cancel);

        var refused = (await gateway.PublishAsync(Envelopes.Commit(2), TimeSpan.FromSeconds(60))).Error!;

        Assert.Equal((PublishErrorKind.Unavailable, "APP_CHAIN_PAUSED"), (refused.Kind, refused.Reason));
        Assert.Equal(2UL, await CountAsync());
    }
}
