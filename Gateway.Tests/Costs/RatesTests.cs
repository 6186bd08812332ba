using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Costs;

/// <summary>The rates of a real registry on a real chain.</summary>
public sealed class RatesTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Rates_are_read_over_pages_and_come_into_force_at_their_second()
    {
        var start = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        for (var i = 0UL; i < 101; i++) await chain.Chain.AddRatesAsync(new Rates(1_000 + i, 2, 3, 4, start + (i * 10)), Cancel);

        var read = (await RateReader.ReadAsync(Money().RateRegistry, Cancel)).OrThrow();
        Assert.Equal(101, read.All.Count);
        Assert.Null(read.InForce(At(start - 1)));
        Assert.Equal(1_000UL, read.InForce(At(start))!.MessageFee);
        Assert.Equal(1_000UL, read.InForce(At(start + 9))!.MessageFee);
        Assert.Equal(1_001UL, read.InForce(At(start + 10))!.MessageFee);
        Assert.Equal(1_100UL, read.InForce(At(start + 100_000))!.MessageFee);
        Assert.Equal(1_001UL, read.Next(At(start + 9))!.MessageFee);
        Assert.Null(read.Next(At(start + 100_000)));
    }

    [Fact]
    public void A_lagging_endpoint_does_not_restore_old_rates_and_a_reorganization_does()
    {
        var (rates, now) = (new RateCache(), At(1_000));
        var (old, recent) = (new Rates(1, 1, 1, 1, 1), new Rates(2, 1, 1, 1, 500));
        Assert.True(rates.Learn(new RateSchedule([old, recent]), now));
        Assert.False(rates.Learn(new RateSchedule([old]), now));
        Assert.False(rates.Learn(new RateSchedule([old]), now));
        Assert.Equal(recent, rates.InForce(now));
        Assert.True(rates.Learn(new RateSchedule([old]), now));
        Assert.Equal(old, rates.InForce(now));
    }

    [Theory]
    [InlineData(600, 1_000, 0)]
    [InlineData(1_000, 1_000, 0)]
    [InlineData(1_001, 1_000, 0)]
    [InlineData(1_100, 1_000, 7)]
    [InlineData(1_250, 1_000, 26)]
    [InlineData(1_499, 1_000, 99)]
    [InlineData(1_500, 1_000, 100)]
    [InlineData(900_000, 1_000, 100)]
    [InlineData(900_000, 0, 0)]
    public void Congestion_rises_from_the_target_to_one_and_a_half_times_it(ulong rate, ulong target, int units) =>
        Assert.Equal(units, CongestionUnits.Of(rate, target));

    [Fact]
    public void Congestion_is_the_formula_for_every_rate_between()
    {
        for (var rate = 10_000UL; rate <= 15_000; rate++)
        {
            var exact = 100 * (Math.Exp(4 * ((rate / 10_000.0) - 1)) - 1) / (Math.Exp(2) - 1);
            Assert.InRange(CongestionUnits.Of(rate, 10_000), Math.Floor(exact - 1e-6), Math.Floor(exact + 1e-6));
        }
    }

    [Fact]
    public void A_burst_counts_in_its_minute_and_fades_over_the_next_four()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(6_000_000));
        var rates = new OriginatorRates(time);
        rates.Count(100, 1_500);
        Assert.Equal(100, rates.Units(100, 1_000));
        Assert.False(rates.IsCalm(1_000));
        Assert.Equal(0, rates.Units(200, 1_000));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(100, rates.Units(100, 1_000));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(0, rates.Units(100, 1_000));
        Assert.Equal(100, rates.Units(100, 300));
        time.Advance(TimeSpan.FromMinutes(3));
        Assert.True(rates.IsCalm(1));
    }

    [Fact]
    public void The_weighted_average_is_cut_to_an_integer_before_it_is_compared_with_the_target()
    {
        var time = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(6_000_000));
        var rates = new OriginatorRates(time);
        rates.Count(100, 23);
        time.Advance(TimeSpan.FromMinutes(1));
        rates.Count(100, 10);
        time.Advance(TimeSpan.FromMinutes(1));

        // (4 × 10 + 3 × 23) / 10 is 10.9, which nodes cut to 10; 10.9 would be 6 units above a target of 10.
        Assert.Equal(0, rates.Units(100, 10));
        Assert.True(rates.IsCalm(10));
    }

    private CostChainClients Money() => new(Contracts(chain.Anvil.HttpUrl), TimeProvider.System);

    internal static ContractsOptions Contracts(Uri url) => new()
    {
        AppChain = { RpcUrl = url },
        SettlementChain = { RpcUrl = url, RateRegistry = ChainAddresses.RateRegistry, PayerRegistry = ChainAddresses.PayerRegistry },
    };

    private static DateTimeOffset At(ulong second) => DateTimeOffset.FromUnixTimeSeconds((long)second);
}
