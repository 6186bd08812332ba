using Xmtp.Gateway.ChainWatcher.Following;

namespace Xmtp.Gateway.Tests.ChainWatcher;

public sealed class BlockPaceTests
{
    private readonly BlockPace _pace = new();

    [Fact]
    public void Without_two_heads_of_different_times_no_block_is_expected()
    {
        Assert.Equal(0UL, _pace.BlocksIn(TimeSpan.FromHours(1)));
        _pace.Observe(100, 1_000);
        Assert.Equal(0UL, _pace.BlocksIn(TimeSpan.FromHours(1)));
        _pace.Observe(101, 1_000);
        Assert.Equal(0UL, _pace.BlocksIn(TimeSpan.FromHours(1)));
    }

    [Fact]
    public void Blocks_are_expected_as_often_as_they_came()
    {
        _pace.Observe(100, 1_000);
        _pace.Observe(150, 1_100);
        Assert.Equal(45UL, _pace.BlocksIn(TimeSpan.FromSeconds(90)));
    }

    [Fact]
    public void A_head_below_the_first_block_starts_from_the_beginning()
    {
        _pace.Observe(100, 1_000);
        _pace.Observe(150, 1_100);
        _pace.Observe(90, 1_200);
        Assert.Equal(0UL, _pace.BlocksIn(TimeSpan.FromSeconds(90)));
        _pace.Observe(91, 1_210);
        Assert.Equal(9UL, _pace.BlocksIn(TimeSpan.FromSeconds(90)));
    }
}
