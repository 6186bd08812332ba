using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain.StandIns;

/// <summary>What the network's tools read of the contracts.</summary>
public sealed class ReadingTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private readonly ContractCalls _calls = new(chain.Chain);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Versions => new()
    {
        { "GroupMessageBroadcaster", "1.0.0", $"{ChainAddresses.GroupMessageBroadcaster}" },
        { "IdentityUpdateBroadcaster", "1.0.0", $"{ChainAddresses.IdentityUpdateBroadcaster}" },
        { "NodeRegistry", "1.0.1", $"{ChainAddresses.NodeRegistry}" },
        { "RateRegistry", "1.0.1", $"{ChainAddresses.RateRegistry}" },
        { "PayerRegistry", "1.0.0", $"{ChainAddresses.PayerRegistry}" },
        { "PayerReportManager", "1.0.1", $"{ChainAddresses.PayerReportManager}" },
        { "DistributionManager", "1.0.2", $"{ChainAddresses.DistributionManager}" },
        { "FeeToken", "1.0.0", $"{ChainAddresses.FeeToken}" },
        { "SettlementChainParameterRegistry", "1.0.0", $"{ChainAddresses.ParameterRegistry}" },
        { "SettlementChainGateway", "1.0.0", $"{ChainAddresses.SettlementChainGateway}" },
        { "AppChainGateway", "1.0.0", $"{ChainAddresses.AppChainGateway}" },
    };

    public static TheoryData<string, string, string> Neighbours => new()
    {
        { $"{ChainAddresses.PayerRegistry}", "feeToken()", $"{ChainAddresses.FeeToken}" },
        { $"{ChainAddresses.PayerRegistry}", "parameterRegistry()", $"{ChainAddresses.ParameterRegistry}" },
        { $"{ChainAddresses.PayerRegistry}", "settler()", $"{ChainAddresses.PayerReportManager}" },
        { $"{ChainAddresses.PayerRegistry}", "feeDistributor()", $"{ChainAddresses.DistributionManager}" },
        { $"{ChainAddresses.FeeToken}", "underlying()", $"{ChainAddresses.UnderlyingFeeToken}" },
        { $"{ChainAddresses.NodeRegistry}", "admin()", $"{DevAccounts.SettingsAdministrator}" },
        { $"{ChainAddresses.NodeRegistry}", "parameterRegistry()", $"{ChainAddresses.ParameterRegistry}" },
        { $"{ChainAddresses.RateRegistry}", "parameterRegistry()", $"{ChainAddresses.ParameterRegistry}" },
        { $"{ChainAddresses.GroupMessageBroadcaster}", "parameterRegistry()", $"{ChainAddresses.ParameterRegistry}" },
        { $"{ChainAddresses.GroupMessageBroadcaster}", "payloadBootstrapper()", $"{default(EthereumAddress)}" },
        { $"{ChainAddresses.IdentityUpdateBroadcaster}", "payloadBootstrapper()", $"{default(EthereumAddress)}" },
        { $"{ChainAddresses.PayerReportManager}", "nodeRegistry()", $"{ChainAddresses.NodeRegistry}" },
        { $"{ChainAddresses.PayerReportManager}", "payerRegistry()", $"{ChainAddresses.PayerRegistry}" },
        { $"{ChainAddresses.DistributionManager}", "payerReportManager()", $"{ChainAddresses.PayerReportManager}" },
        { $"{ChainAddresses.DistributionManager}", "feeToken()", $"{ChainAddresses.FeeToken}" },
        { $"{ChainAddresses.SettlementChainGateway}", "appChainGateway()", $"{ChainAddresses.AppChainGateway}" },
        { $"{ChainAddresses.SettlementChainGateway}", "feeToken()", $"{ChainAddresses.FeeToken}" },
        { $"{ChainAddresses.AppChainGateway}", "settlementChainGateway()", $"{ChainAddresses.SettlementChainGateway}" },
    };

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Each_contract_returns_its_name_and_version(string name, string version, string address)
    {
        var contract = EthereumAddress.Parse(address);
        Assert.Equal(name, (await _calls.AskAsync(contract, "contractName()")).String());
        Assert.Equal(version, (await _calls.AskAsync(contract, "version()")).String());
    }

    [Theory]
    [MemberData(nameof(Neighbours))]
    public async Task Each_contract_returns_the_contracts_that_it_uses(string contract, string function, string other) =>
        Assert.Equal(EthereumAddress.Parse(other), (await _calls.AskAsync(EthereumAddress.Parse(contract), function)).Address());

    [Fact]
    public async Task The_payer_registry_returns_its_totals()
    {
        var (payer, debtor) = (Payers.Signer(80).Address, Payers.Signer(81).Address);
        await chain.Chain.DepositAsync(payer, new Microdollars(1_000), Cancel);
        await chain.Chain.SettleUsageAsync(default, [(debtor, new Microdollars(300))], Cancel);

        Assert.Equal(700, await SumAsync("totalDeposits()"));
        Assert.Equal(300, await SumAsync("totalDebt()"));
        Assert.Equal(1_000, await SumAsync("totalWithdrawable()"));
        Assert.Equal(0, await SumAsync("excess()"));
        Assert.Equal(10_000_000, await SumAsync("minimumDeposit()"));
        Assert.Equal(
            "NoExcess",
            (await _calls.RefusalAsync(Payer, ChainAddresses.PayerRegistry, "sendExcessToFeeDistributor()")).Name);
        await chain.Chain.DepositAsync(debtor, new Microdollars(500), Cancel);
        Assert.Equal(0, await SumAsync("totalDebt()"));
    }

    [Fact]
    public async Task The_node_registry_returns_and_enforces_its_bounds()
    {
        Assert.Equal(100u, (await _calls.AskAsync(ChainAddresses.NodeRegistry, "maxCanonicalNodes()")).UInt32(8));
        await chain.Chain.RegisterNodeAsync(500, DevAccounts.Signer(1).PublicKey, new Uri("http://127.0.0.1:1"), Cancel);
        await chain.Chain.AddNodeAsync(600, DevAccounts.Signer(2).PublicKey, "http://127.0.0.1:2", Cancel);
        var count = (await _calls.AskAsync(ChainAddresses.NodeRegistry, "canonicalNodesCount()")).UInt32(8);
        await _calls.SetAsync("xmtp.nodeRegistry.maxCanonicalNodes", count);
        await _calls.SendAsync(Payer, ChainAddresses.NodeRegistry, "updateMaxCanonicalNodes()");

        var refused = await Assert.ThrowsAsync<RpcException>(() => chain.Chain.AddToNetworkAsync(600, Cancel));

        Assert.Equal("MaxCanonicalNodesReached", RevertReason.Name(refused.Error.Data));
        await _calls.SetAsync("xmtp.nodeRegistry.maxCanonicalNodes", 0);
        Assert.Equal(
            "MaxCanonicalNodesBelowCurrentCount",
            (await _calls.RefusalAsync(Payer, ChainAddresses.NodeRegistry, "updateMaxCanonicalNodes()")).Name);
    }

    [Fact]
    public async Task The_gateway_to_the_other_chain_knows_none_as_on_a_real_local_chain()
    {
        var refused = await _calls.RefusalAsync(
            Payer,
            ChainAddresses.SettlementChainGateway,
            "deposit(uint256,address,uint256,uint256,uint256)",
            new AbiWriter().UInt(31337u).Address(Payer).UInt(1u).UInt(1u).UInt(1u));

        Assert.Equal(("UnsupportedChainId", "the gateway does not know that chain"), refused);
        var alias = (await _calls.AskAsync(ChainAddresses.AppChainGateway, "settlementChainGatewayAlias()")).Address();
        Assert.Equal(alias, (await _calls.AskAsync(ChainAddresses.SettlementChainGateway, "appChainAlias()")).Address());
        Assert.Equal("0x804e6AB54ef11F375C2bB61dBac3990dde146950", $"{alias}", ignoreCase: true);
    }

    private static EthereumAddress Payer => DevAccounts.Signer(1).Address;

    private async Task<long> SumAsync(string function) =>
        (long)(await _calls.AskAsync(ChainAddresses.PayerRegistry, function)).Int(256);
}
