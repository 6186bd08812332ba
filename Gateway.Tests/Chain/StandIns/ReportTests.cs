using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Abi;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Chain.StandIns;

/// <summary>Payer reports as nodes read them, and the fees that nodes and the protocol get of them.</summary>
public sealed class ReportTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static readonly EthereumAddress Owner = DevAccounts.Administrator;
    private static readonly Bytes32 Root = Bytes32.Parse("0x" + new string('c', 64));

    private readonly ContractCalls _calls = new(chain.Chain);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Reports_are_read_by_originator_and_number_and_their_digest_is_what_nodes_sign()
    {
        await chain.Chain.SubmitReportAsync(100, 0, 10, 29_000_000, Root, [100, 200], [100], Cancel);
        await chain.Chain.SubmitReportAsync(100, 10, 20, 29_000_001, Root, [100], [100], Cancel);

        var reports = (await _calls.AskAsync(
            ChainAddresses.PayerReportManager,
            "getPayerReports(uint32[],uint256[])",
            Numbers(new AbiWriter(), [100, 100], [1, 0]))).Array(ReadReport);
        var digest = (await _calls.AskAsync(
            ChainAddresses.PayerReportManager,
            "getPayerReportDigest(uint32,uint64,uint64,uint32,bytes32,uint32[])",
            new AbiWriter().UInt(100u).UInt(0u).UInt(10u).UInt(29_000_000u).FixedBytes(Root.ToArray())
                .Array<uint>([100, 200], (writer, id) => writer.UInt(id)))).Bytes32();
        var settled = await chain.Chain.SettleReportAsync(100, 0, 1, [(Payers.Signer(90).Address, new Microdollars(5))], Cancel);

        Assert.Equal([(10ul, 20ul), (0ul, 10ul)], reports);
        Assert.Equal(await ExpectedDigestAsync(), digest.ToArray());
        Assert.True(PayerRegistryEvents.TryReadUsageSettled(settled.Logs[0], out var used));
        Assert.Equal(digest, used.PayerReportId);
    }

    [Fact]
    public async Task A_report_that_was_submitted_already_and_one_that_is_not_there_are_refused_with_the_real_errors()
    {
        await chain.Chain.SubmitReportAsync(300, 0, 10, 1, Root, [100], [100], Cancel);

        var again = await Assert.ThrowsAsync<RpcException>(
            () => chain.Chain.SubmitReportAsync(300, 0, 10, 1, Root, [100], [100], Cancel));
        var gap = await Assert.ThrowsAsync<RpcException>(
            () => chain.Chain.SubmitReportAsync(300, 11, 12, 1, Root, [100], [100], Cancel));

        Assert.Equal("PayerReportAlreadySubmitted", RevertReason.Name(again.Error.Data));
        Assert.Equal("InvalidStartSequenceId", RevertReason.Name(gap.Error.Data));
        Assert.Equal("NoReportsForOriginator", await ReadRefusalAsync(400, 0));
        Assert.Equal("PayerReportIndexOutOfBounds", await ReadRefusalAsync(300, 1));
    }

    [Fact]
    public async Task A_nodes_owner_claims_and_withdraws_its_share_and_the_protocol_the_rest()
    {
        await _calls.SetAsync("xmtp.payerReportManager.protocolFeeRate", 1_000);
        await _calls.SendAsync(Owner, ChainAddresses.PayerReportManager, "updateProtocolFeeRate()");
        await chain.Chain.RegisterNodeAsync(700, DevAccounts.Signer(1).PublicKey, new Uri("http://127.0.0.1:7"), Cancel);
        await chain.Chain.SubmitReportAsync(700, 0, 10, 1, Root, [700, 800], [700], Cancel);
        var claim = Numbers(new AbiWriter().UInt(700u), [700], [0]);
        const string Claim = "claim(uint32,uint32[],uint256[])";
        Assert.Equal("PayerReportNotSettled", (await RefusedAsync(Owner, Claim, claim)).Name);
        await chain.Chain.SettleReportAsync(700, 0, 1, [(Payers.Signer(91).Address, new Microdollars(1_001))], Cancel);

        Assert.Equal("NotNodeOwner", (await RefusedAsync(DevAccounts.Signer(2).Address, Claim, claim)).Name);
        await TellsAsync("Claim(uint32,uint32,uint256,uint96)", Claim, claim);
        Assert.Equal("AlreadyClaimed", (await RefusedAsync(Owner, Claim, claim)).Name);
        await TellsAsync(
            "ProtocolFeesClaim(uint32,uint256,uint96)", "claimProtocolFees(uint32[],uint256[])", Numbers(new AbiWriter(), [700], [0]));

        // 1,001 less a tenth, rounded down, divided by two nodes, rounded down; the protocol has what no node gets.
        Assert.Equal(450, await FeesAsync("getOwedFees(uint32)", new AbiWriter().UInt(700u)));
        Assert.Equal(450, await FeesAsync("totalOwedFees()"));
        Assert.Equal(101, await FeesAsync("owedProtocolFees()"));
        Assert.Equal("ZeroProtocolFeeRecipient", (await RefusedAsync(Owner, "withdrawProtocolFees()")).Name);
        var recipient = Payers.Signer(92).Address;
        var withdraw = new AbiWriter().UInt(700u).Address(recipient);
        await TellsAsync("Withdrawal(uint32,uint96)", "withdraw(uint32,address)", withdraw);
        var paid = (await new TokenContract(chain.Rpc, ChainAddresses.FeeToken).GetBalanceAsync(recipient, Cancel)).OrThrow();
        Assert.Equal(new Microdollars(450), paid);
        Assert.Equal("NoFeesOwed", (await RefusedAsync(Owner, "withdraw(uint32,address)", withdraw)).Name);
    }

    private async Task TellsAsync(string told, string function, AbiWriter arguments)
    {
        var sent = await _calls.SendAsync(Owner, ChainAddresses.DistributionManager, function, arguments);
        Assert.Contains(sent.Logs, log => log.Topics[0] == AbiSignature.Topic(told));
    }

    private static AbiWriter Numbers(AbiWriter writer, uint[] originators, uint[] indices) => writer
        .Array(originators, (item, id) => item.UInt(id))
        .Array(indices, (item, index) => item.UInt(index));

    private static (ulong Start, ulong End) ReadReport(AbiReader reports)
    {
        var report = reports.DynamicTuple();
        return (report.UInt64(), report.UInt64());
    }

    private async Task<byte[]> ExpectedDigestAsync()
    {
        var domain = (await _calls.AskAsync(ChainAddresses.PayerReportManager, "DOMAIN_SEPARATOR()")).Bytes32().ToArray();
        var nodes = Keccak256.Hash(new AbiWriter().Array<uint>([100, 200], (writer, id) => writer.UInt(id)).ToArray());
        var report = Keccak256.Hash(new AbiWriter()
            .FixedBytes(Convert.FromHexString("3737a2cced99bb28fc5aede45aa81d3ce0aa9137c5f417641835d0d71d303346"))
            .UInt(100u).UInt(0u).UInt(10u).UInt(29_000_000u).FixedBytes(Root.ToArray())
            .FixedBytes(nodes)
            .ToArray());
        return Keccak256.Hash([0x19, 0x01, .. domain, .. report]);
    }

    private async Task<string?> ReadRefusalAsync(uint originator, uint index)
    {
        var refused = await Assert.ThrowsAsync<RpcException>(() => _calls.AskAsync(
            ChainAddresses.PayerReportManager, "getPayerReport(uint32,uint256)", new AbiWriter().UInt(originator).UInt(index)));
        return RevertReason.Name(refused.Error.Data);
    }

    private Task<(string? Name, string Words)> RefusedAsync(EthereumAddress from, string function, AbiWriter? arguments = null) =>
        _calls.RefusalAsync(from, ChainAddresses.DistributionManager, function, arguments);

    private async Task<long> FeesAsync(string function, AbiWriter? arguments = null) =>
        (long)(await _calls.AskAsync(ChainAddresses.DistributionManager, function, arguments)).UInt(96);
}
