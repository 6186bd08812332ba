using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain;

public class SettlementTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private readonly RateRegistryContract _rates = new(chain.Rpc, ChainAddresses.RateRegistry);
    private readonly PayerRegistryContract _payers = new(chain.Rpc, ChainAddresses.PayerRegistry);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rates_are_read_oldest_first_and_a_range_past_the_end_is_refused()
    {
        Assert.Equal("the range is empty", RevertReason.Of((await _rates.GetRatesAsync(0, 0, Cancel)).Error!.Data));
        Rates[] history = [new(1, 2, 3, 4, 5), new(ulong.MaxValue, 0, ulong.MaxValue, 9, 6)];
        foreach (var next in history)
        {
            var receipt = await chain.Chain.AddRatesAsync(next, Cancel);
            Assert.True(RateRegistryContract.TryReadRatesUpdated(Assert.Single(receipt.Logs), out var seen));
            Assert.Equal(next, seen);
        }

        Assert.Equal(2ul, (await _rates.GetRatesCountAsync(Cancel)).OrThrow());
        Assert.Equal(history, (await _rates.GetRatesAsync(0, 2, Cancel)).OrThrow());
        Assert.Equal(history[1..], (await _rates.GetRatesAsync(1, 1, Cancel)).OrThrow());
        Assert.Equal("the range ends past the end", RevertReason.Of((await _rates.GetRatesAsync(1, 2, Cancel)).Error!.Data));
    }

    [Fact]
    public async Task A_balance_goes_below_zero_when_more_is_used_than_was_deposited()
    {
        var payer = DevAccounts.Signer(0).Address;
        var deposit = await chain.Chain.DepositAsync(payer, new Microdollars(1_000), Cancel);
        Assert.Equal(new Microdollars(1_000), (await _payers.GetBalanceAsync(payer, Cancel)).OrThrow());
        var report = Bytes32.Parse("0x" + new string('1', 64));
        var settled = await chain.Chain.SettleUsageAsync(report, [(payer, new Microdollars(2_500))], Cancel);

        Assert.Equal(new Microdollars(-1_500), (await _payers.GetBalanceAsync(payer, Cancel)).OrThrow());
        Assert.True(PayerRegistryEvents.TryReadDeposit(Assert.Single(deposit.Logs), out var paid));
        Assert.Equal(new PayerDeposit(payer, new Microdollars(1_000)), paid);
        Assert.True(PayerRegistryEvents.TryReadUsageSettled(Assert.Single(settled.Logs), out var used));
        Assert.Equal(new UsageSettled(report, payer, new Microdollars(2_500)), used);
    }

    [Fact]
    public async Task A_withdrawal_leaves_the_balance_and_ends_back_in_it_or_outside()
    {
        var payer = DevAccounts.Signer(1).Address;
        await chain.Chain.DepositAsync(payer, new Microdollars(100), Cancel);

        var requested = await chain.Chain.RequestWithdrawalAsync(payer, new Microdollars(60), Cancel);
        var pending = (await _payers.GetPendingWithdrawalAsync(payer, Cancel)).OrThrow();
        Assert.Equal(new Microdollars(40), (await _payers.GetBalanceAsync(payer, Cancel)).OrThrow());
        var cancelled = await chain.Chain.CancelWithdrawalAsync(payer, Cancel);
        Assert.Equal(new Microdollars(100), (await _payers.GetBalanceAsync(payer, Cancel)).OrThrow());
        await chain.Chain.RequestWithdrawalAsync(payer, new Microdollars(30), Cancel);
        var finalized = await chain.Chain.FinalizeWithdrawalAsync(payer, Cancel);
        Assert.Equal(new Microdollars(70), (await _payers.GetBalanceAsync(payer, Cancel)).OrThrow());

        Assert.True(PayerRegistryEvents.TryReadWithdrawalRequested(Assert.Single(requested.Logs), out var start));
        Assert.Equal(new WithdrawalRequested(payer, pending), start);
        Assert.True(PayerRegistryEvents.TryReadWithdrawalCancelled(Assert.Single(cancelled.Logs), out var back));
        Assert.Equal(new WithdrawalEnded(payer, 1), back);
        var ends = Assert.Single(finalized.Logs, log => log.Address == ChainAddresses.PayerRegistry);
        Assert.True(PayerRegistryEvents.TryReadWithdrawalFinalized(ends, out var gone));
        Assert.Equal(new WithdrawalEnded(payer, 2), gone);
    }

    [Fact]
    public async Task A_withdrawal_above_the_balance_is_refused_with_an_explanation()
    {
        var error = await Assert.ThrowsAsync<RpcException>(
            () => chain.Chain.RequestWithdrawalAsync(DevAccounts.Signer(2).Address, new Microdollars(1), Cancel));

        Assert.Equal("the payer's balance does not cover it", RevertReason.Of(error.Error.Data));
    }

    [Fact]
    public async Task A_report_charges_its_payers_in_parts_each_charge_before_its_settlement()
    {
        EthereumAddress[] charged = [DevAccounts.Signer(2).Address, DevAccounts.Signer(3).Address];
        var root = Bytes32.Parse("0x" + new string('a', 64));

        var submitted = await chain.Chain.SubmitReportAsync(100, 0, 10, 29_000_000, root, [100, 200], [100], Cancel);
        var half = await chain.Chain.SettleReportAsync(100, 0, 2, [(charged[0], new Microdollars(7))], Cancel);
        var rest = await chain.Chain.SettleReportAsync(100, 0, 2, [(charged[1], new Microdollars(8))], Cancel);

        Assert.True(PayerReportManagerContract.TryReadPayerReportSubmitted(Assert.Single(submitted.Logs), out var report));
        Assert.Equivalent(new PayerReportSubmitted(100, 0, 0, 10, 29_000_000, root, [100, 200], [100]), report);
        Assert.Collection(half.Logs, IsCharge(charged[0], 7), IsSettlement(new(100, 0, 1, 1, new Microdollars(7))));
        Assert.Collection(rest.Logs, IsCharge(charged[1], 8), IsSettlement(new(100, 0, 1, 0, new Microdollars(8))));
    }

    [Fact]
    public async Task A_report_is_in_picodollars_and_each_payer_is_charged_whole_microdollars_rounded_up()
    {
        var payers = Enumerable.Range(60, 4).Select(i => Payers.Signer((byte)i).Address).ToList();
        Int128[] fees = [1, 1_000_000, 1_000_001, 2_999_999];
        await chain.Chain.SubmitReportAsync(300, 0, 10, 29_000_000, Bytes32.Parse("0x" + new string('b', 64)), [100], [100], Cancel);
        var settled = await chain.Chain.SettleReportInPicodollarsAsync(300, 0, 4, [.. payers.Zip(fees)], Cancel);
        Assert.Collection(
            settled.Logs,
            IsCharge(payers[0], 1),
            IsCharge(payers[1], 1),
            IsCharge(payers[2], 2),
            IsCharge(payers[3], 3),
            IsSettlement(new(300, 0, 4, 0, new Microdollars(7))));
    }

    [Fact]
    public async Task Nodes_find_what_they_sign_reports_under()
    {
        byte[] domain =
        [
            .. Keccak256.Hash("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"u8),
            .. Keccak256.Hash("PayerReportManager"u8),
            .. Keccak256.Hash("1"u8),
            .. new byte[30], 31337 >> 8, 31337 & 0xFF,
            .. new byte[12], .. ChainAddresses.PayerReportManager.Bytes,
        ];
        var call = new CallRequest(ChainAddresses.PayerReportManager, Keccak256.Hash("DOMAIN_SEPARATOR()"u8).AsMemory(0, 4));
        Assert.Equal(Keccak256.Hash(domain), (await chain.Rpc.CallAsync(call, BlockTag.Latest, Cancel)).OrThrow().ToArray());
    }

    [Fact]
    public async Task A_report_without_payers_is_submitted_and_settled_at_once()
    {
        var receipt = await chain.Chain.SubmitReportAsync(200, 0, 0, 29_000_000, default, [], [], Cancel);

        Assert.Collection(
            receipt.Logs,
            log => Assert.True(PayerReportManagerContract.TryReadPayerReportSubmitted(log, out _)),
            IsSettlement(new(200, 0, 0, 0, new Microdollars(0))));
    }

    [Fact]
    public async Task Logs_can_be_filtered_by_payer()
    {
        var payer = DevAccounts.Signer(3).Address;
        await chain.Chain.DepositAsync(payer, new Microdollars(5), Cancel);
        await chain.Chain.DepositAsync(DevAccounts.Administrator, new Microdollars(6), Cancel);
        var filter = new LogFilter
        {
            Addresses = [ChainAddresses.PayerRegistry],
            Topics = [[PayerRegistryEvents.DepositTopic], [PayerRegistryEvents.PayerTopic(payer)]],
            FromBlock = BlockTag.Earliest,
            ToBlock = BlockTag.Latest,
        };

        var log = Assert.Single((await chain.Rpc.GetLogsAsync(filter, Cancel)).OrThrow());

        Assert.True(PayerRegistryEvents.TryReadDeposit(log, out var deposit));
        Assert.Equal(new PayerDeposit(payer, new Microdollars(5)), deposit);
    }

    private static Action<LogEntry> IsCharge(EthereumAddress payer, int amount) => log =>
    {
        Assert.True(PayerRegistryEvents.TryReadUsageSettled(log, out var used));
        Assert.Equal((payer, new Microdollars(amount)), (used.Payer, used.Amount));
    };

    private static Action<LogEntry> IsSettlement(PayerReportSubsetSettled expected) => log =>
    {
        Assert.True(PayerReportManagerContract.TryReadPayerReportSubsetSettled(log, out var settled));
        Assert.Equal(expected, settled);
    };
}
