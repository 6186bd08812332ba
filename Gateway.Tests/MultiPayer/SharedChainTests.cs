using Grpc.Core;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>What depends on the App Chain alone is subscribed to and read once for all payers of a gateway.</summary>
public sealed class SharedChainTests
{
    private const string Subscribe = "eth_subscribe";
    private const string Unsubscribe = "eth_unsubscribe";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Three_payers_have_one_subscription_to_heads_and_one_to_events()
    {
        await using var stage = await ProxiedPayers.StartAsync(3);
        await stage.AreSubscribedAsync(true, 1, 2, 3);
        await stage.AllCommitAsync(10, 1, 2, 3);

        Assert.Equal(2, stage.Sent(Subscribe));
    }

    [Fact]
    public async Task A_pause_of_a_contract_is_read_once_and_holds_for_all_payers()
    {
        await using var stage = await ProxiedPayers.StartAsync(3);
        await stage.AreSubscribedAsync(true, 1, 2, 3);
        await stage.AllCommitAsync(10, 1, 2, 3);
        var before = stage.Asked("eth_call");
        await stage.Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, true, Cancel);
        await Eventually.IsAsync(
            () => stage.Logs.Lines.Any(line => line.Contains("GroupMessageBroadcaster is paused", StringComparison.Ordinal)), "it is read");

        foreach (var payer in (int[])[1, 2, 3]) Assert.Equal(StatusCode.Unavailable, (await stage.CommitAsync(payer, 20)).Code);
        // One reading is three calls of each of two contracts, and another one may be due.
        Assert.InRange(stage.Asked("eth_call") - before, 6, 12);
    }

    [Fact]
    public async Task A_connection_that_breaks_and_refuses_subscriptions_meanwhile_recovers_for_all_payers()
    {
        await using var stage = await ProxiedPayers.StartAsync(3);
        await stage.AreSubscribedAsync(true, 1, 2, 3);
        stage.RefusesSubscriptions = true;
        await stage.CutSocketsAsync();
        await stage.AreSubscribedAsync(false, 1, 2, 3);
        await stage.AllCommitAsync(10, 1, 2, 3);
        foreach (var what in (string[])["heads", "logs"])
        {
            bool IsRefusal(string line) => line.Contains($"subscription to {what}", StringComparison.Ordinal);
            await Eventually.IsAsync(() => stage.Logs.Lines.Any(IsRefusal), $"{what} are refused");
            Assert.Single(stage.Logs.Lines, IsRefusal);
        }

        stage.RefusesSubscriptions = false;
        await stage.AreSubscribedAsync(true, 1, 2, 3);
        await stage.AllCommitAsync(20, 1, 2, 3);
    }

    [Fact]
    public async Task A_payer_that_comes_joins_the_subscription_and_one_that_goes_leaves_it_to_the_others()
    {
        await using var stage = await ProxiedPayers.StartAsync(2);
        await stage.AreSubscribedAsync(true, 1, 2);
        await stage.AddAsync(3);
        await Eventually.IsAsync(async () => (await stage.CommitAsync(3, 30)).Code == StatusCode.OK, "the third payer serves");
        await stage.RemoveAsync(1);

        Assert.True(stage.IsSubscribed(2));
        Assert.True(stage.IsSubscribed(3));
        Assert.Equal((2, 0), (stage.Sent(Subscribe), stage.Sent(Unsubscribe)));
        await stage.AllCommitAsync(40, 2, 3);
    }

    [Fact]
    public async Task The_subscription_begins_with_the_first_payer_in_use_and_ends_with_the_last()
    {
        await using var stage = await ProxiedPayers.StartAsync(20);
        Assert.Equal(0, stage.Sent(Subscribe));
        await stage.AllCommitAsync(10, 1);
        await stage.AreSubscribedAsync(true, 1);
        Assert.Equal(2, stage.Sent(Subscribe));

        await stage.RemoveAsync(1);
        await Eventually.IsAsync(() => stage.Sent(Unsubscribe) == 2, "it is not subscribed any more");
        await stage.AllCommitAsync(10, 2);
        await stage.AreSubscribedAsync(true, 2);
        Assert.Equal(4, stage.Sent(Subscribe));
    }
}
