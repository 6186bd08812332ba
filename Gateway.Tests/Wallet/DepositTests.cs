using System.Text.Json;
using System.Text.RegularExpressions;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Wallet;

/// <summary>Deposits to the payer registry, on a real chain.</summary>
public sealed partial class DepositTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_deposit_of_stablecoins_wraps_them_permits_the_exact_amount_and_prints_the_new_balance()
    {
        using var wallet = await WithGasAsync(101);
        (await wallet.RunAsync("mint", "100", "--yes")).Is(0, "minted        $100.00", "stablecoins   $100.00");

        var deposited = (await wallet.RunAsync("deposit", "25.500001", "--yes")).Is(
            0, "deposited     $25.500001", "balance       $25.500001", wallet.Address.ToString(), ChainAddresses.PayerRegistry.ToString());

        Assert.Equal((25_500_001L, 74_499_999L), (await wallet.BalanceAsync(), await wallet.StablecoinsAsync()));
        await AssertNothingIsApprovedAsync(wallet);
        var hash = Bytes32.Parse(Hash().Match(deposited.Output).Value);
        Assert.True((await chain.Rpc.GetReceiptAsync(hash, Cancel)).OrThrow()!.Succeeded);
        Assert.Contains("wrap: sending 0x", deposited.Errors, StringComparison.Ordinal);
        Assert.Contains($"deposit: sending {hash}", deposited.Errors, StringComparison.Ordinal);
        Assert.Equal(3ul, await wallet.SentAsync());
        Assert.DoesNotContain("approve", deposited.Everything, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DOMAIN_SEPARATOR()")]
    [InlineData("nonces(address)")]
    public async Task A_deposit_of_tokens_that_take_no_permits_sends_approvals_of_exactly_its_amount_first(string missing)
    {
        using var wallet = await WithGasAsync(122);
        (await wallet.RunAsync("mint", "100", "--yes")).Is(0);
        var (balance, sent) = (await wallet.BalanceAsync(), await wallet.SentAsync());
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Fault = (method, request, forward) => Without(missing, method, request, forward);

        (await wallet.RunAsync("deposit", "25.500001", "--yes", $"--contracts.settlement-chain.rpc-url={proxy.Url}")).Is(
            0, "approve: sending", "wrap: sending", "deposited     $25.500001");

        Assert.Equal((balance + 25_500_001, sent + 4), (await wallet.BalanceAsync(), await wallet.SentAsync()));
        await AssertNothingIsApprovedAsync(wallet);
    }

    [Fact]
    public async Task A_permit_that_the_token_does_not_take_is_refused_before_anything_is_sent()
    {
        using var wallet = await WithGasAsync(123);
        (await wallet.RunAsync("mint", "10", "--yes")).Is(0);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Fault = (method, request, forward) => IsCallOf("DOMAIN_SEPARATOR()", method, request)
            ? RpcProxy.Result("0x" + new string('1', 64))
            : RpcProxy.Pass(forward);

        (await wallet.RunAsync("deposit", "10", "--yes", $"--contracts.settlement-chain.rpc-url={proxy.Url}")).Is(
            1, "wrap: it would be refused", "it was not sent");

        Assert.Equal((0L, 1ul), (await wallet.BalanceAsync(), await wallet.SentAsync()));
    }

    [Theory]
    [InlineData(-32603, "internal error")]
    [InlineData(-32002, "request timed out")]
    [InlineData(-32000, "nonce too low")]
    public async Task An_endpoint_that_accepts_a_transaction_and_returns_an_error_does_not_release_it(int code, string message)
    {
        using var wallet = await WithGasAsync(117);
        (await wallet.RunAsync("mint", "10", "--yes")).Is(0);
        var before = await wallet.BalanceAsync();
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Fault = async (method, _, forward) =>
        {
            var answer = await forward();
            return method == "eth_sendRawTransaction" ? await RpcProxy.Error(code, message) : answer;
        };

        (await wallet.RunAsync("deposit", "10", "--yes", $"--contracts.settlement-chain.rpc-url={proxy.Url}")).Is(
            0, "deposited     $10.00", "it may have it");

        Assert.Equal(before + 10_000_000, await wallet.BalanceAsync());
    }

    [Fact]
    public async Task A_deposit_that_fails_after_its_approval_says_that_the_approval_stays()
    {
        using var wallet = await WithGasAsync(118);
        (await wallet.RunAsync("mint", "10", "--yes")).Is(0);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        var sends = 0;
        proxy.Fault = (method, request, forward) => method == "eth_sendRawTransaction" && ++sends == 2
            ? RpcProxy.Error(-32000, "insufficient funds for gas * price + value")
            : Without("DOMAIN_SEPARATOR()", method, request, forward);

        (await wallet.RunAsync("deposit", "10", "--yes", $"--contracts.settlement-chain.rpc-url={proxy.Url}")).Is(
            1, "The approval of $10.00 for the fee token", "stays; the same deposit uses it");

        Assert.Equal(0, await wallet.BalanceAsync());
    }

    [Fact]
    public async Task A_deposit_that_fails_after_its_fee_tokens_were_made_says_so_and_the_same_deposit_uses_them()
    {
        using var wallet = await WithGasAsync(109);
        (await wallet.RunAsync("mint", "25", "--yes")).Is(0);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        var sends = 0;
        proxy.Fault = (method, _, forward) => method == "eth_sendRawTransaction" && ++sends == 2
            ? RpcProxy.Error(-32000, "insufficient funds for gas * price + value")
            : RpcProxy.Pass(forward);

        (await wallet.RunAsync("deposit", "10", "--yes", $"--contracts.settlement-chain.rpc-url={proxy.Url}")).Is(
            1, "deposit: the endpoint refused it", "$10.00 of the wallet are fee tokens now; the same deposit uses them");
        Assert.Equal((0L, 15_000_000L), (await wallet.BalanceAsync(), await wallet.StablecoinsAsync()));
        (await wallet.RunAsync("deposit", "10", "--yes")).Is(0, "balance       $10.00");

        Assert.Equal((15_000_000L, 3ul), (await wallet.StablecoinsAsync(), await wallet.SentAsync()));
    }

    [Fact]
    public async Task Nothing_is_sent_for_more_gas_than_was_shown()
    {
        using var wallet = await WithGasAsync(119);
        (await wallet.RunAsync("mint", "10", "--yes")).Is(0);
        var before = await wallet.SentAsync();
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        var blocks = 0;
        proxy.Fault = async (method, _, forward) =>
        {
            var answer = await forward();
            return method == "eth_getBlockByNumber" && ++blocks > 1
                ? BaseFee().Replace(answer, "\"baseFeePerGas\":\"0x2540be40000\"")
                : answer;
        };

        (await wallet.RunAsync("deposit", "10", "--yes", $"--contracts.settlement-chain.rpc-url={proxy.Url}")).Is(
            1, "gas costs more now than was shown; nothing more was sent");

        Assert.Equal(before, await wallet.SentAsync());
    }

    [Fact]
    public async Task Approvals_that_are_there_are_used()
    {
        using var wallet = await WithGasAsync(102);
        (await wallet.RunAsync("mint", "30", "--yes")).Is(0);
        await chain.Chain.FundAsync(wallet.Address, Wei.FromEther(1), Cancel);
        (await chain.Rpc.AskAsync("anvil_impersonateAccount", [wallet.Address], _ => true, Cancel)).OrThrow();
        await ApproveAsync(wallet, wallet.Stablecoin, wallet.FeeToken.Address);
        await ApproveAsync(wallet, wallet.FeeToken, wallet.Registry.Address);
        var before = await wallet.SentAsync();

        (await wallet.RunAsync("deposit", "30", "--yes")).Is(0, "balance       $30.00");

        Assert.Equal(before + 2, await wallet.SentAsync());
        Assert.Equal(0, (await wallet.Stablecoin.GetPermitNonceAsync(wallet.Address, Cancel)).OrThrow());
        Assert.Equal(0, (await wallet.FeeToken.GetPermitNonceAsync(wallet.Address, Cancel)).OrThrow());
    }

    [Fact]
    public async Task Fee_tokens_are_deposited_in_one_transaction_and_before_stablecoins()
    {
        using var wallet = await WithGasAsync(103);
        (await wallet.RunAsync("mint", "12", "--yes")).Is(0);
        var mint = TokenContract.Mint.Encode(new AbiWriter().Address(wallet.Address).UInt(12_000_000u));
        await chain.Chain.SendAsync(DevAccounts.Administrator, wallet.FeeToken.Address, mint, Cancel);

        (await wallet.RunAsync("deposit", "12", "--yes")).Is(0, "its fee tokens", "balance       $12.00");

        Assert.Equal(default, (await wallet.FeeToken.GetBalanceAsync(wallet.Address, Cancel)).OrThrow());
        Assert.Equal((12_000_000L, 2ul), (await wallet.StablecoinsAsync(), await wallet.SentAsync()));
        await AssertNothingIsApprovedAsync(wallet);
    }

    [Fact]
    public async Task Nothing_is_sent_without_confirmation()
    {
        using var wallet = await WithGasAsync(104);
        (await wallet.RunAsync("mint", "50", "--yes")).Is(0);
        foreach (var answer in new[] { "", "n\n", "\n", "nope\n" })
        {
            var ended = await wallet.AnswerAsync(answer, "deposit", "20", $"--payer.private-key-file={wallet.KeyFile}");
            ended.Is(1, "deposit       $20.00", "Send it? [y/N]", "not confirmed; nothing was sent");
        }

        Assert.Equal((0L, 1ul), (await wallet.BalanceAsync(), await wallet.SentAsync()));
        (await wallet.AnswerAsync("y\n", "deposit", "20", $"--payer.private-key-file={wallet.KeyFile}")).Is(0, "deposited     $20.00");
    }

    [Theory]
    [InlineData("0", "the amount is 0")]
    [InlineData("0.000000", "the amount is 0")]
    [InlineData("-5", "the amount is negative")]
    [InlineData("12.1234567", "more than 6 decimals")]
    [InlineData("1e3", "not a number of dollars")]
    [InlineData("1,000", "not a number of dollars")]
    [InlineData("ten", "not a number of dollars")]
    [InlineData("25.", "not a number of dollars")]
    [InlineData("1000000000001", "not a number of dollars")]
    public async Task An_invalid_amount_is_refused(string amount, string why)
    {
        using var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 105);
        (await wallet.RunAsync("deposit", amount, "--yes")).Is(2, why, "nothing was sent");
        Assert.Equal(0ul, await wallet.SentAsync());
    }

    [Fact]
    public async Task What_the_registry_or_the_wallet_would_refuse_is_reported_before_anything_is_sent()
    {
        using var wallet = await WithGasAsync(106);
        (await wallet.RunAsync("mint", "15", "--yes")).Is(0);

        (await wallet.RunAsync("deposit", "9.999999", "--yes")).Is(1, "takes $10.00 at least, and $9.999999 is less; nothing was sent");
        (await wallet.RunAsync("deposit", "15.000001", "--yes")).Is(1, "has $15.00 of the stablecoin", "$15.000001; nothing was sent");
        await chain.Chain.SetPausedAsync(ChainAddresses.PayerRegistry, true, Cancel);
        (await wallet.RunAsync("deposit", "15", "--yes")).Is(1, "paused", "nothing was sent");
        await chain.Chain.SetPausedAsync(ChainAddresses.PayerRegistry, false, Cancel);
        await chain.Chain.SetBalanceAsync(wallet.Address, Wei.FromGwei(1), Cancel);
        (await wallet.RunAsync("deposit", "15", "--yes")).Is(1, "for gas on chain 31337, less than", "nothing was sent");

        Assert.Equal((0L, 1ul), (await wallet.BalanceAsync(), await wallet.SentAsync()));
    }

    [Fact]
    public async Task A_transaction_that_stays_out_of_the_blocks_ends_with_3_and_nothing_more_is_sent_before_it_is_mined()
    {
        using var wallet = await WithGasAsync(107);
        (await wallet.RunAsync("mint", "40", "--yes")).Is(0);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        try
        {
            (await wallet.RunAsync("deposit", "20", "--yes", "--wait", "1s")).Is(3, "wrap: 0x", "look it up before you repeat");
            (await wallet.RunAsync("deposit", "20", "--yes", "--wait", "1s")).Is(1, "1 earlier transactions", "it sent nothing more");
            Assert.Equal(2ul, await wallet.SentAsync());
        }
        finally
        {
            await chain.Chain.SetAutomineAsync(true, Cancel);
            await chain.Chain.MineAsync(1, Cancel);
        }

        (await wallet.RunAsync("deposit", "20", "--yes")).Is(0, "its fee tokens", "balance       $20.00");
        Assert.Equal((20_000_000L, 3ul), (await wallet.StablecoinsAsync(), await wallet.SentAsync()));
    }

    [Fact]
    public async Task Tokens_are_made_on_test_networks_alone()
    {
        using var wallet = await WithGasAsync(108);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Fault = (method, _, forward) => method == "eth_chainId" ? RpcProxy.Result("0x2105") : RpcProxy.Pass(forward);

        var ended = await wallet.RunAsync(
            "mint", "5", "--yes", "--contracts.settlement-chain.chain-id=8453", $"--contracts.settlement-chain.rpc-url={proxy.Url}");

        ended.Is(1, "chain 8453 is not a test network; expected 31337 or 84532; nothing was sent");
        Assert.Equal(0ul, await wallet.SentAsync());
    }

    private static readonly System.Numerics.BigInteger MaxApproval = (System.Numerics.BigInteger.One << 256) - 1;

    [GeneratedRegex("\"baseFeePerGas\":\"0x[0-9a-f]+\"")]
    private static partial Regex BaseFee();

    [GeneratedRegex("0x[0-9a-f]{64}")]
    private static partial Regex Hash();

    // As a token answers that does not have the function.
    private static Task<string?> Without(string function, string method, JsonElement request, Func<Task<string>> forward) =>
        IsCallOf(function, method, request) ? RpcProxy.Error(3, "execution reverted") : RpcProxy.Pass(forward);

    private static bool IsCallOf(string function, string method, JsonElement request) =>
        method == "eth_call"
        && request.GetRawText().Contains(Convert.ToHexStringLower(AbiSignature.Selector(function)), StringComparison.Ordinal);

    private static async Task AssertNothingIsApprovedAsync(WalletUnderTest wallet)
    {
        Assert.Equal(default, (await wallet.Stablecoin.GetAllowanceAsync(wallet.Address, wallet.FeeToken.Address, Cancel)).OrThrow());
        Assert.Equal(default, (await wallet.FeeToken.GetAllowanceAsync(wallet.Address, wallet.Registry.Address, Cancel)).OrThrow());
    }

    private Task<TransactionReceipt> ApproveAsync(WalletUnderTest wallet, TokenContract token, EthereumAddress spender) =>
        chain.Chain.SendAsync(
            wallet.Address,
            token.Address,
            TokenContract.Approve.Encode(new AbiWriter().Address(spender).Int(MaxApproval)),
            Cancel);

    private async Task<WalletUnderTest> WithGasAsync(byte seed)
    {
        var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, seed);
        await chain.Chain.SetBalanceAsync(wallet.Address, Wei.FromEther(10), Cancel);
        return wallet;
    }
}
