using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Chain.Streaming;

namespace Xmtp.Gateway.Tests.Chain;

public class LogPageSizeTests
{
    [Theory]
    [InlineData(RpcErrorKind.RangeTooLarge)]
    [InlineData(RpcErrorKind.Other)]
    [InlineData(RpcErrorKind.Transport)]
    [InlineData(RpcErrorKind.Malformed)]
    public void Any_error_of_several_blocks_halves_them_and_one_of_a_single_block_does_not(RpcErrorKind kind)
    {
        var size = new LogPageSize(5);

        Assert.True(size.TryShrink(Error(kind), 5));
        Assert.Equal(2ul, size.Blocks);
        Assert.True(size.TryShrink(Error(kind), 2));
        Assert.Equal(1ul, size.Blocks);
        Assert.False(size.TryShrink(Error(kind), 1));
        Assert.Equal(1ul, size.Blocks);
    }

    [Fact]
    public void A_limit_of_rate_and_a_request_that_was_not_sent_say_nothing_about_the_size()
    {
        var size = new LogPageSize(500);

        Assert.False(size.TryShrink(Error(RpcErrorKind.RateLimited), 500));
        Assert.False(size.TryShrink(Error(RpcErrorKind.Transport) with { IsUnsent = true }, 500));
        Assert.Equal(500ul, size.Blocks);
    }

    [Fact]
    public void After_a_refusal_the_size_doubles_with_every_eighth_success()
    {
        var size = new LogPageSize(100);
        Assert.True(size.TryShrink(Error(RpcErrorKind.RangeTooLarge), 100));

        for (var i = 0; i < 7; i++) size.Grow(50);
        Assert.Equal(50ul, size.Blocks);
        size.Grow(10);
        Assert.Equal(50ul, size.Blocks);
        size.Grow(50);
        Assert.Equal(100ul, size.Blocks);
    }

    [Fact]
    public void After_an_outage_the_size_is_large_again_with_a_few_successes()
    {
        var size = new LogPageSize(500);
        while (size.TryShrink(Error(RpcErrorKind.Transport), size.Blocks))
        {
            // The endpoint is away.
        }

        Assert.Equal(1ul, size.Blocks);
        for (var i = 0; i < 9; i++) size.Grow(size.Blocks);
        Assert.Equal(500ul, size.Blocks);
    }

    [Fact]
    public void An_endpoint_that_fails_wide_ranges_without_a_reason_is_tried_with_one_in_every_ninth_query_only()
    {
        var (size, failures, successes) = (new LogPageSize(500), 0, 0);
        for (var query = 0; query < 100; query++)
        {
            if (size.Blocks <= 37)
            {
                successes++;
                size.Grow(size.Blocks);
            }
            else
            {
                failures++;
                Assert.True(size.TryShrink(Error(RpcErrorKind.Transport), size.Blocks));
            }
        }

        Assert.InRange(failures, 1, 16);
        Assert.True(successes > 80);
    }

    private static RpcError Error(RpcErrorKind kind) => new("eth_getLogs", kind, 0, "no");
}
