using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions;

namespace Xmtp.Gateway.Tests.Costs;

/// <summary>What the payer has, owes and was charged, on a real chain.</summary>
public sealed class FundsTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static readonly PrivateKeySigner Payer = Payers.Signer(77);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_balance_below_zero_is_read_as_debt_and_an_empty_fund()
    {
        var payer = Payers.Signer(78).Address;
        await chain.Chain.DepositAsync(payer, new Microdollars(5), Cancel);
        await chain.Chain.SettleUsageAsync(new Bytes32(new byte[32]), [(payer, new Microdollars(12))], Cancel);
        using var money = new CostChainClients(RatesTests.Contracts(chain.Anvil.HttpUrl), TimeProvider.System);
        var read = (await FundsReader.ReadPayerAsync(money, payer, TimeProvider.System, Cancel)).OrThrow();
        Assert.Equal(new Microdollars(-7), read.Balance);

        var funds = Funds(TimeProvider.System, out _);
        Assert.True(funds.Learn(read));
        Assert.Equal((FundLevel.Empty, 0L), (funds.PayerState()!.Level, funds.PayerState()!.RunwayHours!.Value));
    }

    [Fact]
    public async Task Charges_are_read_once_each_and_taken_back_when_the_chain_takes_them_back()
    {
        using var money = new CostChainClients(RatesTests.Contracts(chain.Anvil.HttpUrl), TimeProvider.System);
        var reader = new SettledUsageReader(money, Payer, Ledger(TimeProvider.System), NullLogger<SettledUsageReader>.Instance);
        List<Microdollars> charged = [];
        using var ends = reader.OnCharge(charge => charged.Add(charge.Amount));
        await reader.ReadAsync(await HeadAsync(), Cancel);
        await ChargeAsync(30);
        await reader.ReadAsync(await HeadAsync(), Cancel);
        await reader.ReadAsync(await HeadAsync(), Cancel);
        Assert.Equal(Picodollars.From(new Microdollars(30)), reader.Reconciliation.Settled);
        Assert.Equal(-Picodollars.From(new Microdollars(30)).Value, reader.Reconciliation.Drift.Value);

        var snapshot = (await chain.Rpc.AskAsync("evm_snapshot", [], value => value.GetString()!, Cancel)).OrThrow();
        await ChargeAsync(500);
        await reader.ReadAsync(await HeadAsync(), Cancel);
        await chain.Rpc.AskAsync("evm_revert", [snapshot], value => value.GetBoolean(), Cancel);
        await reader.ReadAsync(await HeadAsync(), Cancel);
        await chain.Chain.MineAsync(2, Cancel);
        await reader.ReadAsync(await HeadAsync(), Cancel);
        Assert.Equal([30, 500, -500], charged.Select(amount => (int)amount.Value));
        Assert.Equal(Picodollars.From(new Microdollars(30)), reader.Reconciliation.Settled);
    }

    [Theory]
    [InlineData(200, "query exceeds max block range 3")]
    [InlineData(200, "limit exceeded")]
    [InlineData(200, "in words that nobody has heard before")]
    [InlineData(502, "<html>bad gateway</html>")]
    public async Task A_provider_that_refuses_ranges_gets_smaller_ones(int status, string words)
    {
        await using var proxy = await RpcProxy.StartAsync(chain.Anvil.HttpUrl);
        proxy.ReplyTo = (method, parameters) => method == "eth_getLogs" && Span(parameters[0]) > 3
            ? new RpcReply(status, status == 200 ? RpcFaultModes.Error(-32005, words) : words)
            : null;
        using var money = new CostChainClients(RatesTests.Contracts(proxy.Url), TimeProvider.System);
        var reader = new SettledUsageReader(money, Payer, Ledger(TimeProvider.System), NullLogger<SettledUsageReader>.Instance);
        await reader.ReadAsync(await HeadAsync(), Cancel);
        await ChargeAsync(1);
        await chain.Chain.MineAsync(20, Cancel);
        await ChargeAsync(2);
        await reader.ReadAsync(await HeadAsync(), Cancel);
        Assert.Equal(Picodollars.From(new Microdollars(3)), reader.Reconciliation.Settled);
    }

    [Fact]
    public void A_lagging_provider_does_not_restore_an_old_balance()
    {
        var time = new FakeTimeProvider();
        var funds = Funds(time, out _);
        Assert.True(funds.Learn(Reading(time, 10, block: 100)));
        Assert.False(funds.Learn(Reading(time, 90, block: 95)));
        Assert.False(funds.Learn(Reading(time, 90, block: 95)));
        Assert.Equal(new Microdollars(10), funds.Payer!.Balance);
        Assert.True(funds.Learn(Reading(time, 90, block: 96)));
    }

    [Fact]
    public void A_fund_lasts_as_long_as_the_spending_of_the_last_day_says()
    {
        var time = new FakeTimeProvider();
        var funds = Funds(time, out _);
        funds.Learn(Reading(time, 100_000_000, 1));
        Assert.Equal((FundLevel.Good, null), (funds.PayerState()!.Level, funds.PayerState()!.RunwayHours));
        time.Advance(TimeSpan.FromHours(12));
        funds.Learn(Reading(time, 88_000_000, 2));
        Assert.Equal(
            (24_000_000, 88L, FundLevel.Good),
            ((int)funds.PayerState()!.SpendPerDay, funds.PayerState()!.RunwayHours, funds.PayerState()!.Level));
        funds.Learn(Reading(time, 28_000_000, 3));
        Assert.Equal(
            (144_000_000, 4L, FundLevel.Critical),
            ((int)funds.PayerState()!.SpendPerDay, funds.PayerState()!.RunwayHours, funds.PayerState()!.Level));

        // A deposit is no spending taken back.
        funds.Learn(Reading(time, 1_000_000_000, 4));
        Assert.Equal(
            (144_000_000, 166L, FundLevel.Good),
            ((int)funds.PayerState()!.SpendPerDay, funds.PayerState()!.RunwayHours, funds.PayerState()!.Level));
    }

    [Fact]
    public void What_is_being_withdrawn_is_not_spent()
    {
        var time = new FakeTimeProvider();
        var funds = Funds(time, out _);
        funds.Learn(Reading(time, 50_000_000, 1));
        time.Advance(TimeSpan.FromHours(2));
        funds.Learn(Reading(time, 10_000_000, 2) with { PendingWithdrawal = new Microdollars(40_000_000) });
        Assert.Equal(0, funds.PayerState()!.SpendPerDay);
    }

    [Fact]
    public async Task What_was_withdrawn_is_not_spent()
    {
        var payer = DevAccounts.Signer(1).Address;
        using var money = new CostChainClients(RatesTests.Contracts(chain.Anvil.HttpUrl), TimeProvider.System);
        var (time, funds) = (TimeProvider.System, Funds(TimeProvider.System, out _));
        async Task<FundState> ReadAsync()
        {
            Assert.True(funds.Learn((await FundsReader.ReadPayerAsync(money, payer, time, Cancel)).OrThrow()));
            return funds.PayerState()!;
        }

        await chain.Chain.DepositAsync(payer, new Microdollars(50_000_000), Cancel);
        Assert.Equal(0, (await ReadAsync()).SpendPerDay);
        await chain.Chain.RequestWithdrawalAsync(payer, new Microdollars(40_000_000), Cancel);
        Assert.Equal(0, (await ReadAsync()).SpendPerDay);
        await chain.Chain.FinalizeWithdrawalAsync(payer, Cancel);
        var state = await ReadAsync();
        Assert.Equal((10_000_000, 0, FundLevel.Good), ((int)state.Balance, (int)state.SpendPerDay, state.Level));

        await chain.Chain.SettleUsageAsync(new Bytes32(new byte[32]), [(payer, new Microdollars(3))], Cancel);
        Assert.Equal(3 * 24, (int)(await ReadAsync()).SpendPerDay);
    }

    [Fact]
    public void A_withdrawal_that_follows_another_between_two_readings_is_not_spent_and_a_cancelled_one_is_no_deposit_spent()
    {
        var time = new FakeTimeProvider();
        var funds = Funds(time, out _);
        funds.Learn(Reading(time, 60_000_000, 1) with { PendingWithdrawal = new Microdollars(40_000_000), WithdrawableAt = 7 });
        funds.Learn(Reading(time, 15_000_000, 2) with { PendingWithdrawal = new Microdollars(45_000_000), WithdrawableAt = 8 });
        Assert.Equal(0, funds.PayerState()!.SpendPerDay);
        funds.Learn(Reading(time, 60_000_000, 3));
        Assert.Equal(0, funds.PayerState()!.SpendPerDay);
        time.Advance(TimeSpan.FromHours(2));
        funds.Learn(Reading(time, 58_000_000, 4));
        Assert.Equal(24_000_000, funds.PayerState()!.SpendPerDay);
    }

    [Fact]
    public void Refusals_are_logged_once_a_window_with_their_count()
    {
        var time = new FakeTimeProvider();
        var throttle = new LogThrottle(TimeSpan.FromMinutes(1), time);
        Assert.True(throttle.TryPass(out _));
        for (var i = 0; i < 50; i++) Assert.False(throttle.TryPass(out _));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(throttle.TryPass(out var since));
        Assert.Equal(50, since);
    }

    private static ulong Span(System.Text.Json.JsonElement filter) => Number(filter, "toBlock") - Number(filter, "fromBlock") + 1;

    private static ulong Number(System.Text.Json.JsonElement filter, string name) =>
        Convert.ToUInt64(filter.GetProperty(name).GetString(), 16);

    private async Task<ulong> HeadAsync() => (await chain.Rpc.GetBlockNumberAsync(Cancel)).OrThrow();

    private Task<TransactionReceipt> ChargeAsync(int amount) =>
        chain.Chain.SettleUsageAsync(new Bytes32(new byte[32]), [(Payer.Address, new Microdollars(amount))], Cancel);

    private static PayerReading Reading(TimeProvider time, long balance, ulong block) =>
        new(new Microdollars(balance), default, block, time.GetUtcNow());

    private static SpendLedger Ledger(TimeProvider time) => new(time);

    private static FundsState Funds(TimeProvider time, out SpendLedger ledger) =>
        new(ledger = Ledger(time), Costs(time), Microsoft.Extensions.Options.Options.Create(new FundsOptions()), time);

    private static EnvelopeCosts Costs(TimeProvider time) =>
        new(new RateCache(), new OriginatorRates(time), Microsoft.Extensions.Options.Options.Create(new CostsOptions()), time);
}
