using System.Text.RegularExpressions;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Wallet;

/// <summary>What the payer has, and what is refused before the chains are asked.</summary>
public sealed partial class PayerStatusTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_funds_are_shown_with_what_they_buy_at_the_current_rates()
    {
        using var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 121);
        await chain.Chain.AddRatesAsync(new Rates(1_000_000_000, 0, 0, 0, 1), Cancel);
        await chain.Chain.SetBalanceAsync(wallet.Address, Wei.FromEther(10), Cancel);
        await chain.Chain.DepositAsync(wallet.Address, new Microdollars(50_000_000), Cancel);

        var status = await wallet.StatusAsync();

        Assert.Equal(wallet.Address.ToString(), status.GetProperty("address").GetString());
        Assert.Equal(ChainAddresses.PayerRegistry.ToString(), status.GetProperty("payerRegistry").GetString());
        Assert.Equal("50000000", status.GetProperty("balanceMicrodollars").GetString());
        Assert.Equal("50000", status.GetProperty("messagesOf1KB").GetString());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, status.GetProperty("pendingWithdrawal").ValueKind);
        var gas = status.GetProperty("appChain");
        Assert.Equal(Wei.FromEther(10).Amount, UInt128.Parse(gas.GetProperty("balanceWei").GetString()!, null));
        Assert.True(long.Parse(gas.GetProperty("commitsOf1KB").GetString()!, null) > 1_000);
        Assert.Equal("0", status.GetProperty("wallet").GetProperty("stablecoinMicrodollars").GetString());
        (await wallet.RunAsync("status")).Is(
            0,
            wallet.Address.ToString(),
            "$50.00 in the payer registry",
            "about 50,000 messages of 1 KB",
            "none is pending",
            "commits of 1 KB");
    }

    [Fact]
    public async Task Without_a_gas_price_the_number_of_commits_is_omitted()
    {
        using var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 128);
        await chain.Chain.SetBalanceAsync(wallet.Address, Wei.FromEther(10), Cancel);
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.Rewrite = answer => BaseFee().Replace(answer, "\"baseFeePerGas\":\"0x0\"");

        var status = await wallet.RunAsync("status", "--json", $"--contracts.app-chain.rpc-url={proxy.Url}");

        var gas = System.Text.Json.JsonDocument.Parse(status.Is(0).Output).RootElement.GetProperty("appChain");
        Assert.Equal(Wei.FromEther(10).Amount, UInt128.Parse(gas.GetProperty("balanceWei").GetString()!, null));
        Assert.Equal(System.Text.Json.JsonValueKind.Null, gas.GetProperty("commitsOf1KB").ValueKind);
    }

    [Fact]
    public async Task Unreadable_values_are_reported_with_the_rest_and_exit_with_1()
    {
        using var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 122);
        var ended = await wallet.RunAsync("status", "--contracts.app-chain.rpc-url=http://user:secret@127.0.0.1:1/secret");
        ended.Is(1, "$0.00 in the payer registry", "the gas on the App Chain cannot be read");
        Assert.DoesNotContain("secret", ended.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chain_that_is_another_one_than_configured_is_refused()
    {
        using var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 123);
        (await wallet.RunAsync("deposit", "20", "--yes", "--contracts.settlement-chain.chain-id=5")).Is(
            1, "has chain id 31337; expected 5; nothing was sent");
    }

    [Theory]
    [InlineData("status")]
    [InlineData("deposit", "20", "--yes")]
    [InlineData("withdraw", "20", "--yes")]
    [InlineData("withdraw", "--finalize", "--yes")]
    [InlineData("mint", "20", "--yes")]
    public async Task A_key_on_the_command_line_is_refused_and_not_shown(params string[] command)
    {
        using var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 124);
        string[][] keys = [["--payer.private-key", wallet.Key], [$"--payer.private-key=0x{wallet.Key}"]];
        foreach (var key in keys)
        {
            (await wallet.AnswerAsync("", [.. command, .. key])).Is(
                2, "--payer.private-key: a key on the command line is refused", "XMTPD_PAYER_PRIVATE_KEY");
        }

        Assert.Equal(0ul, await wallet.SentAsync());
    }

    [Fact]
    public async Task Help_is_a_command_or_a_flag_and_any_other_word_of_that_name_is_not()
    {
        using var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 127);
        (await wallet.RunAsync("help")).Is(0, "Usage: xmtp-gateway payer status");
        (await wallet.RunAsync("deposit", "--help")).Is(0, "Usage: xmtp-gateway payer status");
        (await wallet.RunAsync("deposit", "help")).Is(2, "not a number of dollars");
        (await wallet.AnswerAsync("", "new-key", "--out", "help", "--payer.keystore-password-file=/no/such/file")).Is(2, "no such file");
        Assert.False(File.Exists("help"));
    }

    [Theory]
    [InlineData("unknown command", "steal")]
    [InlineData("the amount is missing", "deposit", "--yes")]
    [InlineData("no amount is expected", "status", "5")]
    [InlineData("no amount is expected", "withdraw", "5", "--cancel")]
    [InlineData("expected one of them", "withdraw", "--finalize", "--cancel")]
    [InlineData("--wait: expected a duration", "deposit", "5", "--wait", "2h")]
    [InlineData("--out: only new-key writes a file", "deposit", "5", "--out", "f")]
    [InlineData("expected --out FILE", "new-key")]
    [InlineData("--jsn: there is no such flag", "status", "--jsn")]
    [InlineData("--finalize: there is no such flag", "deposit", "5", "--finalize")]
    public async Task Words_that_are_no_command_end_with_2(string why, params string[] command)
    {
        using var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 125);
        (await wallet.RunAsync(command)).Is(2, why);
    }

    [Fact]
    public async Task The_program_runs_the_commands_and_lists_them()
    {
        var (exitCode, output, errors) = await GatewayProcess.RunAsync("payer", "--help");
        Assert.True(exitCode == 0, errors);
        Assert.All(["status", "deposit", "withdraw", "mint", "new-key"], word => Assert.Contains(word, output, StringComparison.Ordinal));

        using var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, 126);
        (exitCode, output, errors) = await GatewayProcess.RunAsync(
            ["payer", "status", "--json", .. wallet.Chains, $"--payer.private-key-file={wallet.KeyFile}"]);
        Assert.True(exitCode == 0, errors);
        Assert.Contains(wallet.Address.ToString(), output, StringComparison.Ordinal);
        Assert.Equal(2, (await GatewayProcess.RunAsync(["payer", "status", "--payer.private-key", wallet.Key])).ExitCode);
    }

    [GeneratedRegex("\"baseFeePerGas\":\"0x[0-9a-f]+\"")]
    private static partial Regex BaseFee();
}
