using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Costs;

/// <summary>What nodes charge for what they stored corrects what their answers said.</summary>
public sealed class ReconciliationTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private const int Callers = 16, Publishes = 1_000;
    private const int PicodollarsInAMicrodollar = 1_000_000;
    private const ulong MessageFee = 7_777, StorageFee = 13, CongestionFee = 1_000, Target = 100;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_publishes_of_sixteen_callers_are_reconciled_with_what_the_node_stored()
    {
        await using var node = await DevNode.StartAsync(
            new DevNodeOptions
            {
                NodeId = 300,
                Rates = _ => ValueTask.FromResult(new NodeRates(MessageFee, StorageFee, CongestionFee, Target)),
            },
            Cancel);
        await using var rig = await PublishRig.StartAsync(0);
        var rates = new Rates(MessageFee, StorageFee, CongestionFee, Target, 1);
        Assert.True(rig.Services.GetRequiredService<RateCache>().Learn(new RateSchedule([rates]), rig.Time.GetUtcNow()));
        rig.Registry.Set(new NetworkNode(300, node.Address, node.PublicKey, node.Signer));
        var ledger = rig.Services.GetRequiredService<SpendLedger>();
        using var money = new CostChainClients(RatesTests.Contracts(chain.Anvil.HttpUrl), TimeProvider.System);
        var reader = new SettledUsageReader(money, Payers.Signer(), ledger, NullLogger<SettledUsageReader>.Instance);
        await reader.ReadAsync(await HeadAsync(), Cancel);

        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => PublishAsync(rig, caller)));

        var stored = node.Store.OfOriginator(300)
            .Select(envelope => UnsignedOriginatorEnvelope.Parser.ParseFrom(
                OriginatorEnvelope.Parser.ParseFrom(envelope.Bytes.Span).UnsignedOriginatorEnvelope))
            .ToList();
        Assert.Equal(Publishes, stored.Count);
        Assert.Contains(stored, one => one.CongestionFeePicodollars > 0);
        var charged = stored.Aggregate((Int128)0, (sum, one) => sum + one.BaseFeePicodollars + one.CongestionFeePicodollars);
        // Reports are settled in microdollars, rounded up.
        var settled = new Microdollars((charged + PicodollarsInAMicrodollar - 1) / PicodollarsInAMicrodollar);
        await chain.Chain.SettleUsageAsync(new Bytes32(Envelopes.Id(32)), [(Payers.Signer().Address, settled)], Cancel);
        await reader.ReadAsync(await HeadAsync(), Cancel);

        Assert.Equal((long)Publishes, ledger.Total.Messages);
        Assert.Equal(Picodollars.From(settled), reader.Reconciliation.Settled);
        Assert.Equal(ledger.Total.Fees, reader.Reconciliation.Answered);
        Assert.Equal(ledger.Total.Fees.Value - Picodollars.From(settled).Value, reader.Reconciliation.Drift.Value);
        // The answers say the congestion as of the answer, which is at most what it is as of the insertion.
        Assert.InRange(reader.Reconciliation.Drift.Value, -charged, 0);
    }

    private static async Task PublishAsync(PublishRig rig, int caller)
    {
        for (var i = caller; i < Publishes; i += Callers) (await rig.PublishAsync(Envelopes.Welcome((byte)i, 50 + i))).WasPublishedBy(300u);
    }

    private async Task<ulong> HeadAsync() => (await chain.Rpc.GetBlockNumberAsync(Cancel)).OrThrow();
}
