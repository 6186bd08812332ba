using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Tests.Publishing;

public sealed class NodeTallyTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(999_999)]
    [InlineData(60_000_000)]
    public void A_duration_is_known_within_an_eighth(int microseconds)
    {
        var (tally, took) = (new NodeTally(), TimeSpan.FromMicroseconds(microseconds));
        tally.Published(3, took);
        var (step, count) = Assert.Single(tally.Durations);
        Assert.Equal(1, count);
        Assert.InRange(NodeTally.Duration(step), took, took * 1.126 + TimeSpan.FromMicroseconds(1));
        Assert.Equal((1, 3), (tally.Publishes, tally.Envelopes));
    }

    [Fact]
    public void Durations_are_forgotten_after_two_periods_and_counts_stay()
    {
        var tally = new NodeTally();
        tally.Published(1, TimeSpan.FromMilliseconds(5));
        tally.Rotate();
        Assert.Single(tally.Durations);
        tally.Rotate();
        Assert.Empty(tally.Durations);
        tally.Failed("Silent");
        tally.Failed("Silent");
        Assert.Equal(1, tally.Publishes);
        Assert.Equal(2, tally.Failures["Silent"]);
    }

    [Fact]
    public void A_duration_beyond_all_steps_counts_in_the_last()
    {
        var tally = new NodeTally();
        tally.Published(1, TimeSpan.FromHours(1));
        tally.Published(1, TimeSpan.Zero);
        Assert.Equal(2, tally.Durations.Count());
    }
}
