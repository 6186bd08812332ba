using System.Numerics;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain.StandIns;

/// <summary>Settings: set in the parameter registry, and taken over by a contract that is told to read them.</summary>
public sealed class SettingsTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static readonly EthereumAddress Anyone = DevAccounts.Signer(2).Address;

    private readonly ContractCalls _calls = new(chain.Chain);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rates_that_are_set_and_taken_over_are_what_a_gateway_reads()
    {
        string[] names = ["messageFee", "storageFee", "congestionFee", "targetRatePerMinute", "ratesInEffectAfter"];
        ulong[] values = [11, 22, 33, 44, 55];
        await _calls.SendAsync(
            DevAccounts.SettingsAdministrator,
            ChainAddresses.ParameterRegistry,
            "set(string[],bytes32[])",
            new AbiWriter()
                .Array(names, (writer, name) => writer.String($"xmtp.rateRegistry.{name}"))
                .Array(values, (writer, value) => writer.UInt(value)));
        var registry = new RateRegistryContract(chain.Rpc, ChainAddresses.RateRegistry);
        var before = (await registry.GetRatesCountAsync(Cancel)).OrThrow();

        await TakesAsync(ChainAddresses.RateRegistry, "updateRates()", "RatesUpdated(uint64,uint64,uint64,uint64,uint64)");

        Assert.Equal(new Rates(11, 22, 33, 44, 55), Assert.Single((await registry.GetRatesAsync(before, 1, Cancel)).OrThrow()));
        Assert.Equal("NoChange", (await UpdateAsync(ChainAddresses.RateRegistry, "updateRates()")).Name);
        await _calls.SetAsync("xmtp.rateRegistry.messageFee", 12);
        Assert.Equal(
            ("InvalidStartTime", "the rates do not start after the last ones"),
            await UpdateAsync(ChainAddresses.RateRegistry, "updateRates()"));
        await _calls.SetAsync("xmtp.rateRegistry.messageFee", UInt128.One << 64);
        Assert.Equal(
            ("ParameterOutOfTypeBounds", "the setting is too large for what it sets"),
            await UpdateAsync(ChainAddresses.RateRegistry, "updateRates()"));
    }

    [Theory]
    [InlineData(nameof(ChainAddresses.GroupMessageBroadcaster), "groupMessageBroadcaster")]
    [InlineData(nameof(ChainAddresses.IdentityUpdateBroadcaster), "identityUpdateBroadcaster")]
    public async Task A_broadcasters_bounds_pause_and_bootstrapper_are_settings(string name, string family)
    {
        var broadcaster = name == nameof(ChainAddresses.GroupMessageBroadcaster)
            ? ChainAddresses.GroupMessageBroadcaster
            : ChainAddresses.IdentityUpdateBroadcaster;
        await _calls.SetAsync($"xmtp.{family}.minPayloadSize", 90);
        await TakesAsync(broadcaster, "updateMinPayloadSize()", "MinPayloadSizeUpdated(uint256)");
        await _calls.SetAsync($"xmtp.{family}.maxPayloadSize", 89);
        Assert.Equal("InvalidMaxPayloadSize", (await UpdateAsync(broadcaster, "updateMaxPayloadSize()")).Name);
        await _calls.SetAsync($"xmtp.{family}.maxPayloadSize", 200);
        await TakesAsync(broadcaster, "updateMaxPayloadSize()", "MaxPayloadSizeUpdated(uint256)");
        Assert.Equal("NoChange", (await UpdateAsync(broadcaster, "updateMaxPayloadSize()")).Name);
        await _calls.SetAsync($"xmtp.{family}.paused", 1);
        await TakesAsync(broadcaster, "updatePauseStatus()", "PauseStatusUpdated(bool)");
        Assert.Equal("ZeroPayloadBootstrapper", (await UpdateAsync(broadcaster, "updatePayloadBootstrapper()")).Name);
        await _calls.SetAsync($"xmtp.{family}.payloadBootstrapper", 0xb007);
        await TakesAsync(broadcaster, "updatePayloadBootstrapper()", "PayloadBootstrapperUpdated(address)");

        Assert.Equal(90u, (await _calls.AskAsync(broadcaster, "minPayloadSize()")).UInt32());
        Assert.Equal(200u, (await _calls.AskAsync(broadcaster, "maxPayloadSize()")).UInt32());
        Assert.True((await _calls.AskAsync(broadcaster, "paused()")).Bool());
        Assert.Equal(0xb007ul, (await _calls.AskAsync(broadcaster, "payloadBootstrapper()")).UInt64(256));
        Assert.Equal($"xmtp.{family}.paused", (await _calls.AskAsync(broadcaster, "pausedParameterKey()")).String());
    }

    [Theory]
    [InlineData("payerRegistry.minimumDeposit", "updateMinimumDeposit()", "MinimumDepositUpdated(uint96)", "minimumDeposit()", 5_000_000)]
    [InlineData(
        "payerRegistry.withdrawLockPeriod", "updateWithdrawLockPeriod()", "WithdrawLockPeriodUpdated(uint32)", "withdrawLockPeriod()", 60)]
    [InlineData("payerRegistry.settler", "updateSettler()", "SettlerUpdated(address)", "settler()", 0xabc)]
    [InlineData("payerRegistry.feeDistributor", "updateFeeDistributor()", "FeeDistributorUpdated(address)", "feeDistributor()", 0xabc)]
    [InlineData("payerRegistry.paused", "updatePauseStatus()", "PauseStatusUpdated(bool)", "paused()", 1)]
    [InlineData("nodeRegistry.maxCanonicalNodes", "updateMaxCanonicalNodes()", "MaxCanonicalNodesUpdated(uint8)", "maxCanonicalNodes()", 0)]
    [InlineData(
        "payerReportManager.protocolFeeRate", "updateProtocolFeeRate()", "ProtocolFeeRateUpdated(uint16)", "protocolFeeRate()", 2_500)]
    [InlineData(
        "distributionManager.protocolFeesRecipient", "updateProtocolFeesRecipient()", "ProtocolFeesRecipientUpdated(address)",
        "protocolFeesRecipient()", 0xabc)]
    [InlineData("distributionManager.paused", "updatePauseStatus()", "PauseStatusUpdated(bool)", "paused()", 1)]
    [InlineData("settlementChainGateway.paused", "updatePauseStatus()", "PauseStatusUpdated(bool)", "paused()", 1)]
    [InlineData("appChainGateway.paused", "updatePauseStatus()", "PauseStatusUpdated(bool)", "paused()", 1)]
    public async Task A_parameter_applies_once_its_contract_pulled_it(
        string setting, string update, string told, string read, int value)
    {
        var contract = ContractOf(setting);
        var before = (await _calls.AskAsync(contract, read)).UInt(256);

        await _calls.SetAsync($"xmtp.{setting}", value);
        Assert.Equal(before, (await _calls.AskAsync(contract, read)).UInt(256));
        await TakesAsync(contract, update, told);

        Assert.Equal(new BigInteger(value), (await _calls.AskAsync(contract, read)).UInt(256));
        Assert.Equal(("NoChange", "the state is the same already"), await UpdateAsync(contract, update));
    }

    [Fact]
    public async Task Settings_out_of_their_bounds_are_refused_with_the_real_errors()
    {
        await _calls.SetAsync("xmtp.payerReportManager.protocolFeeRate", 10_001);
        Assert.Equal("InvalidProtocolFeeRate", (await UpdateAsync(ChainAddresses.PayerReportManager, "updateProtocolFeeRate()")).Name);
        await _calls.SetAsync("xmtp.payerRegistry.withdrawLockPeriod", (7 * 24 * 3600) + 1);
        Assert.Equal("WithdrawLockPeriodTooHigh", (await UpdateAsync(ChainAddresses.PayerRegistry, "updateWithdrawLockPeriod()")).Name);
        await _calls.SetAsync("xmtp.payerRegistry.minimumDeposit", 0);
        Assert.Equal("ZeroMinimumDeposit", (await UpdateAsync(ChainAddresses.PayerRegistry, "updateMinimumDeposit()")).Name);
        await _calls.SetAsync("xmtp.distributionManager.paused", 2);
        Assert.Equal("ParameterOutOfTypeBounds", (await UpdateAsync(ChainAddresses.DistributionManager, "updatePauseStatus()")).Name);
    }

    private static EthereumAddress ContractOf(string setting) => setting[..setting.IndexOf('.', StringComparison.Ordinal)] switch
    {
        "payerRegistry" => ChainAddresses.PayerRegistry,
        "nodeRegistry" => ChainAddresses.NodeRegistry,
        "payerReportManager" => ChainAddresses.PayerReportManager,
        "distributionManager" => ChainAddresses.DistributionManager,
        "settlementChainGateway" => ChainAddresses.SettlementChainGateway,
        _ => ChainAddresses.AppChainGateway,
    };

    // The setting is taken over, which the one event of the transaction tells.
    private async Task TakesAsync(EthereumAddress contract, string update, string told)
    {
        var taken = await _calls.SendAsync(Anyone, contract, update);
        Assert.Equal(AbiSignature.Topic(told), Assert.Single(taken.Logs).Topics[0]);
    }

    private Task<(string? Name, string Words)> UpdateAsync(EthereumAddress contract, string update) =>
        _calls.RefusalAsync(Anyone, contract, update);
}
