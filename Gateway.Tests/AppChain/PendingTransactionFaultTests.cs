using System.Text.Json.Nodes;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>Transactions whose way is hard: a chain that mines when told, and an endpoint that lies, loses and lags.</summary>
public sealed class PendingTransactionFaultTests(DevChainFixture chain) : IClassFixture<DevChainFixture>, IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RpcProxy _proxy = null!;

    public async ValueTask InitializeAsync()
    {
        _proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        await chain.Chain.SetAutomineAsync(true, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await chain.Chain.SetAutomineAsync(true, CancellationToken.None);
        await chain.Chain.MineAsync(1, CancellationToken.None);
        await _proxy.DisposeAsync();
    }

    private async Task<ISigner> RichAsync(byte seed)
    {
        var signer = Payers.Signer(seed);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1000), Cancel);
        return signer;
    }

    private async Task<ulong> CountAsync(ISigner signer, BlockTag block) =>
        (await chain.Rpc.GetTransactionCountAsync(signer.Address, block, Cancel)).OrThrow();

    private static Func<string, System.Text.Json.JsonElement, Func<Task<string>>, Task<string?>> On(
        string method, Func<Func<Task<string>>, Task<string?>> fault) =>
        (asked, _, forward) => asked == method ? fault(forward) : RpcProxy.Pass(forward);

    private static bool AllPublished(EnvelopeOutcome[] outcomes) => outcomes.Select(TestFlow.Read).Count() == outcomes.Length;

    [Fact]
    public async Task A_transaction_that_the_mempool_lost_is_sent_again_and_the_ones_behind_it_follow()
    {
        var signer = await RichAsync(30);
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        var publishing = gateway.PublishAsync([.. Enumerable.Range(0, 6).Select(i => Envelopes.Commit((byte)i))]);
        await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 6, "six in the mempool");
        var third = (await gateway.NonceStore.ListAsync(Cancel)).Entries.Single(entry => entry.Nonce == 2).Attempts[0].Hash;
        await chain.Chain.DropTransactionAsync(third, Cancel);
        await Eventually.IsAsync(
            async () => await CountAsync(signer, BlockTag.Pending) == 6 && gateway.Counted("xmtp_gateway_transactions_resent_total") > 0,
            "six again");
        await chain.Chain.MineAsync(1, Cancel);
        Assert.True(AllPublished(await publishing));
        Assert.Equal(6UL, await CountAsync(signer, BlockTag.Latest));
        Assert.Contains(third, (await publishing).Select(outcome => TestFlow.Read(outcome).Hash));
    }

    [Fact]
    public async Task A_base_fee_above_the_offer_is_met_by_replacing_at_the_same_nonce()
    {
        var signer = await RichAsync(31);
        await using var gateway = await TestFlow.StartAsync(
            chain.Anvil.HttpUrl, signer, options: TestFlow.Quick with { PriceRefresh = TimeSpan.Zero });
        await chain.Chain.SetAutomineAsync(false, Cancel);
        var publishing = gateway.PublishAsync(Envelopes.Commit());
        await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 1, "one in the mempool");
        await chain.Chain.SetNextBaseFeeAsync(Wei.FromGwei(20), Cancel);
        await chain.Chain.MineAsync(1, Cancel);
        Assert.False(publishing.IsCompleted);
        await Eventually.IsAsync(
            async () =>
            {
                await chain.Chain.SetNextBaseFeeAsync(Wei.FromGwei(20), Cancel);
                await chain.Chain.MineAsync(1, Cancel);
                return publishing.IsCompleted;
            },
            "the replacement is mined");
        TestFlow.Read(await publishing);
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Latest));
        Assert.True(gateway.Counted("xmtp_gateway_nonces_replaced_total") >= 1);
        await chain.Chain.SetNextBaseFeeAsync(Wei.FromGwei(1), Cancel);
    }

    [Fact]
    public async Task An_answer_that_is_lost_after_the_endpoint_took_the_transaction_publishes_it_once()
    {
        var signer = await RichAsync(32);
        _proxy.Fault = On("eth_sendRawTransaction", async forward =>
        {
            await forward();
            return null;
        });
        await using var gateway = await TestFlow.StartAsync(_proxy.Url, signer);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => gateway.PublishAsync(Envelopes.Commit((byte)i))));
        Assert.True(AllPublished(outcomes));
        Assert.Equal(10UL, await CountAsync(signer, BlockTag.Latest));
    }

    [Fact]
    public async Task An_endpoint_that_never_took_the_transaction_is_given_the_same_one_again()
    {
        var signer = await RichAsync(33);
        var losses = 5;
        _proxy.Fault = On(
            "eth_sendRawTransaction",
            forward => Interlocked.Decrement(ref losses) >= 0 ? Task.FromResult<string?>(null) : RpcProxy.Pass(forward));
        await using var gateway = await TestFlow.StartAsync(_proxy.Url, signer);
        Assert.True(AllPublished(await gateway.PublishAsync([.. Enumerable.Range(0, 4).Select(i => Envelopes.Commit((byte)i))])));
        Assert.Equal(4UL, await CountAsync(signer, BlockTag.Latest));
    }

    [Fact]
    public async Task A_lasting_nonce_too_high_is_UNAVAILABLE_releases_the_nonces_and_recovers()
    {
        var signer = await RichAsync(34);
        await using var gateway = await TestFlow.StartAsync(_proxy.Url, signer);
        _proxy.Fault = On("eth_sendRawTransaction", _ => RpcProxy.Error(-32000, "nonce too high: address 0x…, tx: 7 state: 3"));
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => gateway.PublishAsync(Envelopes.Commit((byte)i))));
        Assert.All(outcomes, outcome => Assert.Equal((PublishErrorKind.Unavailable, true), (outcome.Error!.Kind, outcome.IsUnsent)));
        _proxy.Fault = (_, _, forward) => RpcProxy.Pass(forward);
        Assert.True(AllPublished(await gateway.PublishAsync([.. Enumerable.Range(0, 5).Select(i => Envelopes.Commit((byte)i))])));
        Assert.Equal(5UL, await CountAsync(signer, BlockTag.Latest));
    }

    [Theory]
    [InlineData("0x0")]
    [InlineData("0xc9f2c9cd04674edea40000000")]
    [InlineData("-0x1")]
    public async Task A_price_of_zero_or_above_the_bound_is_refused_and_the_last_good_one_is_used(string price)
    {
        var signer = await RichAsync(35);
        await using var gateway = await TestFlow.StartAsync(
            _proxy.Url, signer, options: TestFlow.Quick with { PriceRefresh = TimeSpan.Zero });
        var before = await CountAsync(signer, BlockTag.Latest);
        _proxy.Fault = async (method, _, forward) => method == "eth_getBlockByNumber"
            ? System.Text.RegularExpressions.Regex.Replace(
                await forward(), "\"baseFeePerGas\":\"0x[0-9a-f]+\"", $"\"baseFeePerGas\":\"{price}\"")
            : await forward();
        Assert.True(AllPublished(await gateway.PublishAsync([Envelopes.Commit(), Envelopes.Identity()])));
        await Eventually.IsAsync(() => gateway.Counted("xmtp_blockchain_oracle_gas_price_refused_total") > 0, "the price was refused");
        Assert.Equal(before + 2, await CountAsync(signer, BlockTag.Latest));
    }

    [Fact]
    public async Task A_price_that_was_never_good_is_replaced_by_the_configured_one()
    {
        var signer = await RichAsync(36);
        _proxy.Fault = async (method, _, forward) => method == "eth_getBlockByNumber"
            ? System.Text.RegularExpressions.Regex.Replace(
                await forward(), "\"baseFeePerGas\":\"0x[0-9a-f]+\"", "\"baseFeePerGas\":\"0x0\"")
            : await forward();
        await using var gateway = await TestFlow.StartAsync(_proxy.Url, signer);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        Assert.True(gateway.Counted("xmtp_blockchain_oracle_gas_price_default_fallback_total") > 0);
    }

    [Fact]
    public async Task An_endpoint_whose_counts_lag_behind_gives_no_nonce_twice()
    {
        var signer = await RichAsync(37);
        _proxy.Fault = On("eth_getTransactionCount", _ => RpcProxy.Result("0x0"));
        await using var lagging = await TestFlow.StartAsync(
            _proxy.Url, signer, options: TestFlow.Quick with { ReceiptTimeout = TimeSpan.FromSeconds(30) });
        await chain.Chain.SetAutomineAsync(false, Cancel);
        var publishing = Enumerable.Range(0, 32).Select(i => lagging.PublishAsync(Envelopes.Commit((byte)i))).ToList();
        await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 32, "32 in the mempool");
        await chain.Chain.MineAsync(1, Cancel);
        _proxy.Fault = (_, _, forward) => RpcProxy.Pass(forward);
        await chain.Chain.SetAutomineAsync(true, Cancel);
        Assert.True(AllPublished(await Task.WhenAll(publishing)));
        Assert.Equal(32UL, await CountAsync(signer, BlockTag.Latest));
    }

    [Fact]
    public async Task Someone_else_with_the_same_key_is_noticed_and_does_not_stop_us()
    {
        var signer = await RichAsync(38);
        await using var gateway = await TestFlow.StartAsync(
            chain.Anvil.HttpUrl, signer, options: TestFlow.Quick with { RecoveryInterval = TimeSpan.FromHours(1) });
        for (ulong nonce = 0; nonce < 2; nonce++)
        {
            var foreign = new FeeMarketTransaction
            {
                ChainId = 31337,
                Nonce = nonce,
                GasLimit = 21_000,
                To = signer.Address,
                MaxFeePerGas = Wei.FromGwei(10),
                MaxPriorityFeePerGas = Wei.FromGwei(1),
            };
            (await chain.Rpc.SendRawTransactionAsync((await foreign.SignAsync(signer, Cancel)).Raw, Cancel)).OrThrow();
        }

        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        Assert.Equal(3UL, await CountAsync(signer, BlockTag.Latest));
        Assert.True(gateway.Counted("xmtp_gateway_nonces_foreign_total") >= 1);
    }

    [Fact]
    public async Task Someone_elses_waiting_transaction_is_passed_over_and_not_replaced()
    {
        var signer = await RichAsync(39);
        await using var gateway = await TestFlow.StartAsync(
            chain.Anvil.HttpUrl, signer, options: TestFlow.Quick with { RecoveryInterval = TimeSpan.FromHours(1) });
        await chain.Chain.SetAutomineAsync(false, Cancel);
        var foreign = new FeeMarketTransaction
        {
            ChainId = 31337,
            Nonce = 0,
            GasLimit = 21_000,
            To = signer.Address,
            MaxFeePerGas = Wei.FromGwei(50),
            MaxPriorityFeePerGas = Wei.FromGwei(40),
        };
        var sent = (await chain.Rpc.SendRawTransactionAsync((await foreign.SignAsync(signer, Cancel)).Raw, Cancel)).OrThrow();
        var publishing = gateway.PublishAsync(Envelopes.Commit());
        await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 2, "both in the mempool");
        await chain.Chain.MineAsync(1, Cancel);
        TestFlow.Read(await publishing);
        Assert.True((await chain.Rpc.GetReceiptAsync(sent, Cancel)).OrThrow()!.Succeeded);
    }

    [Fact]
    public async Task A_caller_that_leaves_after_the_sending_leaves_the_transaction_to_its_end()
    {
        var signer = await RichAsync(40);
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        using var caller = new CancellationTokenSource();
        var publishing = gateway.PublishAsync(Envelopes.Commit(), cancellationToken: caller.Token);
        await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 1, "one in the mempool");
        await caller.CancelAsync();
        Assert.Equal(PublishErrorKind.Cancelled, (await publishing).Error!.Kind);
        await chain.Chain.MineAsync(1, Cancel);
        await Eventually.IsAsync(async () => (await gateway.NonceStore.ListAsync(Cancel)).Entries.Count == 0, "the nonce came to its end");
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Latest));
    }

    [Fact]
    public async Task A_deadline_that_passes_after_the_sending_says_that_it_may_still_be_published()
    {
        var signer = await RichAsync(41);
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        var (deadline, outcome) = (TimeSpan.FromMilliseconds(700), default(EnvelopeOutcome));
        // On a busy machine it may pass before the sending.
        for (byte number = 1; outcome.Error?.Reason != "APP_CHAIN_IN_DOUBT" && deadline < TimeSpan.FromMinutes(1); number++, deadline *= 2)
            outcome = await gateway.PublishAsync(Envelopes.Commit(number), deadline);
        Assert.Equal(PublishErrorKind.DeadlineExceeded, outcome.Error!.Kind);
        Assert.Equal("APP_CHAIN_IN_DOUBT", outcome.Error.Reason);
        Assert.False(outcome.IsUnsent);
    }

    [Fact]
    public async Task A_receipt_without_its_logs_is_requested_again_and_nothing_is_published_twice()
    {
        var signer = await RichAsync(43);
        var lacking = 3;
        _proxy.Fault = async (method, _, forward) =>
        {
            var answer = JsonNode.Parse(await forward())!;
            if (method == "eth_getTransactionReceipt" && answer["result"] is JsonObject receipt && Interlocked.Decrement(ref lacking) >= 0)
                receipt["logs"] = new JsonArray();
            return answer.ToJsonString();
        };
        await using var gateway = await TestFlow.StartAsync(
            _proxy.Url, signer, options: TestFlow.Quick with { ReceiptTimeout = TimeSpan.FromSeconds(20) });
        TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit()));
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Latest));
    }

    [Fact]
    public async Task A_stuck_transaction_is_never_raised_above_the_ceiling()
    {
        var signer = await RichAsync(42);
        await using var gateway = await TestFlow.StartAsync(
            chain.Anvil.HttpUrl,
            signer,
            options: TestFlow.Quick with
            {
                MaxGasPrice = Wei.FromGwei(8),
                StuckAfter = TimeSpan.FromMilliseconds(50),
                LookupInterval = TimeSpan.FromMilliseconds(50),
            });
        await chain.Chain.SetAutomineAsync(false, Cancel);
        var publishing = gateway.PublishAsync(Envelopes.Commit());
        await Eventually.IsAsync(
            async () => (await gateway.NonceStore.ListAsync(Cancel)).Entries is [{ Attempts.Count: >= 4 }], "several replacements");
        await chain.Chain.MineAsync(1, Cancel);
        TestFlow.Read(await publishing);
        Assert.All(
            (await gateway.NonceStore.ListAsync(Cancel)).Entries.SelectMany(entry => entry.Attempts),
            attempt => Assert.True(attempt.MaxFee <= Wei.FromGwei(8)));
    }
}
