using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Hosting.Start;
using Xmtp.Gateway.Operator.Access;
using Xmtp.Gateway.Operator.Chains;
using Xmtp.Gateway.Operator.Lately;
using Xmtp.Gateway.Operator.Overview;
using Xmtp.Gateway.Operator.Replicas;
using Xmtp.Gateway.Tests.Costs;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Operator;

/// <summary>The newest blocks that the page shows, and how far a provider is behind.</summary>
public sealed class ChainHeadsTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 27, 10, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task A_provider_that_goes_back_to_an_older_block_is_behind_by_the_difference_until_it_has_the_newer_ones()
    {
        await using var proxy = await RpcProxy.StartAsync(new Uri("http://127.0.0.1:1"));
        using var chains = new CostChainClients(RatesTests.Contracts(proxy.Url), TimeProvider.System);
        using var watcher = new WatcherReader(new UncheckedOptions<OperatorOptions>([], []), _time);
        var heads = new ChainHeads(chains, Funds(), watcher, _time);
        foreach (var (number, behind) in new (ulong, ulong)[] { (500, 0), (350, 150), (501, 0) })
        {
            proxy.Reply = _ => new RpcReply(200, BlockOf(number));
            heads.Latest();
            await heads.Reading.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            var head = heads.Latest().App!;
            Assert.Equal((number, behind, _time.GetUtcNow()), (head.Number, head.Behind, head.ReadAt));
            Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_795_773_598), head.Made);
            Assert.Equal(number, heads.Latest().Settlement!.Number);
            _time.Advance(TimeSpan.FromSeconds(10));
        }
    }

    [Fact]
    public void A_provider_that_is_far_behind_wants_attention()
    {
        var facts = new OverviewFacts { At = _time.GetUtcNow(), Replicas = [Replica] };
        Assert.Empty(Troubles.Of(facts with { AppHead = new ChainHead(5, null, _time.GetUtcNow(), 99) }));
        var found = Assert.Single(Troubles.Of(facts with { SettlementHead = new ChainHead(5, null, _time.GetUtcNow(), 100) }));
        Assert.Equal(
            (OperatorState.Attention, "The settlement chain's provider is 100 blocks behind."), (found.State, found.What));
    }

    private ReplicaReport Replica =>
        new() { Id = "1", Name = "gateway-1:5050", Version = "1.0.0", Started = _time.GetUtcNow(), Health = "ready" };

    private FundsState Funds() => new(
        new SpendLedger(_time),
        new EnvelopeCosts(new RateCache(), new OriginatorRates(_time), Options.Create(new CostsOptions()), _time),
        Options.Create(new FundsOptions()),
        _time);

    private static string BlockOf(ulong number) => JsonSerializer.Serialize(new
    {
        jsonrpc = "2.0",
        id = 0,
        result = new
        {
            number = Hex(number),
            hash = $"0x{number.ToString("x64", CultureInfo.InvariantCulture)}",
            parentHash = $"0x{(number - 1).ToString("x64", CultureInfo.InvariantCulture)}",
            timestamp = Hex(1_795_773_598),
        },
    });

    private static string Hex(ulong value) => $"0x{value.ToString("x", CultureInfo.InvariantCulture)}";
}
