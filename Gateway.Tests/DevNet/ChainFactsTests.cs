using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.DevNet.Nodes;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.DevNet;

public sealed class ChainFactsTests(AnvilFixture fixture) : IClassFixture<AnvilFixture>, IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.FromUnixTimeSeconds(1_800_000_000));
    private DevChain _chain = null!;
    private ChainFacts _facts = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await StandInContracts.DeployAsync(fixture.Rpc, Cancel);
        _chain = new DevChain(fixture.Rpc);
        _facts = new ChainFacts(
            fixture.Rpc,
            new RateRegistryContract(fixture.Rpc, ChainAddresses.RateRegistry),
            new PayerRegistryContract(fixture.Rpc, ChainAddresses.PayerRegistry),
            _time);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Rates_are_free_until_there_are_some_and_count_from_their_start()
    {
        Assert.Equal(NodeRates.Free, await _facts.GetRatesAsync(Cancel));
        await _chain.AddRatesAsync(new Rates(10, 2, 5, 100, 1_700_000_000), Cancel);
        await _chain.AddRatesAsync(new Rates(99, 9, 0, 100, 1_800_000_060), Cancel);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(new NodeRates(10, 2, 5, 100), await _facts.GetRatesAsync(Cancel));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(new NodeRates(99, 9, 0, 100), await _facts.GetRatesAsync(Cancel));
    }

    [Fact]
    public async Task A_payer_spends_what_it_has_and_a_deposit_counts_at_once()
    {
        var payer = Payers.Signer(90).Address;
        Assert.False(await _facts.TryUseAsync(payer, 0, Cancel));
        await _chain.DepositAsync(payer, new Microdollars(3), Cancel);
        Assert.True(await _facts.TryUseAsync(payer, 2_000_000, Cancel));
        Assert.False(await _facts.TryUseAsync(payer, 1_000_001, Cancel));
        Assert.True(await _facts.TryUseAsync(payer, 1_000_000, Cancel));
        Assert.False(await _facts.TryUseAsync(payer, 1, Cancel));
        await _chain.DepositAsync(payer, new Microdollars(1), Cancel);
        Assert.True(await _facts.TryUseAsync(payer, 1, Cancel));
    }

    [Fact]
    public async Task What_a_report_settles_is_no_longer_subtracted_from_the_balance_besides()
    {
        var payer = Payers.Signer(91).Address;
        await _chain.DepositAsync(payer, new Microdollars(10), Cancel);
        Assert.True(await _facts.TryUseAsync(payer, 6_000_000, Cancel));
        // The chain has subtracted six of ten, and nothing else is used.
        await _chain.SettleUsageAsync(Bytes32.Parse("0x" + new string('2', 64)), [(payer, new Microdollars(6))], Cancel);
        Assert.False(await _facts.TryUseAsync(payer, 4_000_001, Cancel));
        Assert.True(await _facts.TryUseAsync(payer, 4_000_000, Cancel));
        Assert.False(await _facts.TryUseAsync(payer, 1, Cancel));
    }
}
