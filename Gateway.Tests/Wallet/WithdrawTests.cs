using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Wallet;

/// <summary>Withdrawals from the payer registry: the request, its lock of two days, the payout.</summary>
public sealed class WithdrawTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static readonly TimeSpan Lock = TimeSpan.FromDays(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_withdrawal_is_requested_locked_for_two_days_and_then_paid_out_in_stablecoins()
    {
        using var wallet = await WithBalanceAsync(111, 100_000_000);

        var requested = (await wallet.RunAsync("withdraw", "60.25", "--yes")).Is(
            0, "lock          2 d 0 h 0 min", "requested     $60.25", "finalize      ", "balance       $39.75");
        Assert.Contains("requested", requested.Output, StringComparison.Ordinal);
        var pending = (await wallet.StatusAsync()).GetProperty("pendingWithdrawal");
        Assert.Equal(
            ("60250000", true), (pending.GetProperty("amountMicrodollars").GetString(), pending.GetProperty("isLocked").GetBoolean()));
        (await wallet.RunAsync("withdraw", "--finalize", "--yes")).Is(1, "$60.25 is locked until", "nothing was sent");
        (await wallet.RunAsync("withdraw", "1", "--yes")).Is(1, "a withdrawal of $60.25 is pending already", "nothing was sent");
        Assert.Equal(1ul, await wallet.SentAsync());

        await chain.Chain.PassTimeAsync(Lock, Cancel);
        await chain.Chain.MineAsync(1, Cancel);
        Assert.False((await wallet.StatusAsync()).GetProperty("pendingWithdrawal").GetProperty("isLocked").GetBoolean());
        (await wallet.RunAsync("status")).Is(0, "$60.25, can be finalized now");
        (await wallet.RunAsync("withdraw", "--finalize", "--yes")).Is(0, "paid out      $60.25", "balance       $39.75");

        Assert.Equal((39_750_000L, 60_250_000L), (await wallet.BalanceAsync(), await wallet.StablecoinsAsync()));
        (await wallet.RunAsync("withdraw", "--finalize", "--yes")).Is(1, "no withdrawal is pending; nothing was sent");
    }

    [Fact]
    public async Task A_withdrawal_that_is_cancelled_is_in_the_balance_again()
    {
        using var wallet = await WithBalanceAsync(112, 20_000_000);
        (await wallet.RunAsync("withdraw", "--cancel", "--yes")).Is(1, "no withdrawal is pending; nothing was sent");
        (await wallet.RunAsync("withdraw", "20", "--yes")).Is(0, "balance       $0.00");
        (await wallet.RunAsync("withdraw", "--cancel", "--yes")).Is(0, "cancelled     $20.00", "balance       $20.00");
        Assert.Equal((20_000_000L, 2ul), (await wallet.BalanceAsync(), await wallet.SentAsync()));
    }

    [Fact]
    public async Task More_than_the_balance_is_refused_and_a_payer_in_debt_is_paid_nothing()
    {
        using var wallet = await WithBalanceAsync(113, 10_000_000);
        (await wallet.RunAsync("withdraw", "10.000001", "--yes")).Is(1, "the balance is $10.00, less than $10.000001; nothing was sent");
        (await wallet.RunAsync("withdraw", "10", "--yes")).Is(0);
        await chain.Chain.SettleUsageAsync(new Bytes32(new byte[32]), [(wallet.Address, new Microdollars(1))], Cancel);
        (await wallet.RunAsync("withdraw", "--finalize", "--yes")).Is(1, "the balance is -$0.000001", "nothing was sent");
        Assert.Equal(1ul, await wallet.SentAsync());
    }

    [Fact]
    public async Task A_registry_that_is_paused_refuses_in_words()
    {
        using var wallet = await WithBalanceAsync(114, 10_000_000);
        await chain.Chain.SetPausedAsync(ChainAddresses.PayerRegistry, true, Cancel);
        try
        {
            (await wallet.RunAsync("withdraw", "10", "--yes")).Is(1, "the contract is paused", "it was not sent");
        }
        finally
        {
            await chain.Chain.SetPausedAsync(ChainAddresses.PayerRegistry, false, Cancel);
        }

        Assert.Equal(0ul, await wallet.SentAsync());
    }

    private async Task<WalletUnderTest> WithBalanceAsync(byte seed, long microdollars)
    {
        var wallet = new WalletUnderTest(chain.Anvil.HttpUrl, chain.Rpc, seed);
        await chain.Chain.SetWithdrawLockAsync(Lock, Cancel);
        await chain.Chain.SetBalanceAsync(wallet.Address, Wei.FromEther(10), Cancel);
        await chain.Chain.DepositAsync(wallet.Address, new Microdollars(microdollars), Cancel);
        return wallet;
    }
}
