using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>
/// Another sender with the same wallet, which takes nonces that this gateway holds, as the original does during a cut-over.
/// </summary>
public sealed class OtherSenderTests : ProxiedChain
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_commit_whose_nonces_another_sender_takes_is_published_once_however_often(bool areMined)
    {
        await using var gateway = await StartAsync(LongTimeouts, withSocket: false);
        await Chain.SetAutomineAsync(areMined, Cancel);
        var (taken, collisions) = (0, LongTimeouts.MaxAttempts * 2);
        Proxy.Fault = async (method, _, forward) =>
        {
            if (method == "eth_sendRawTransaction" && taken < collisions) await SendForeignAsync((ulong)taken++, Wei.FromGwei(90));
            return await forward();
        };

        var publishing = gateway.PublishAsync(Envelopes.Commit());
        if (!areMined)
        {
            await Eventually.IsAsync(
                async () => publishing.IsCompleted || await PendingAsync() > (ulong)collisions, "the commit is in the mempool");
            await Chain.MineAsync(1, Cancel);
        }

        TestFlow.Read(await publishing);
        Assert.Equal((ulong)collisions + 1, await CountAsync());
    }

    [Fact]
    public async Task Of_two_commits_of_one_group_and_request_the_one_without_its_nonce_is_UNAVAILABLE_and_a_resend_publishes_it_alone()
    {
        await using var gateway = await StartAsync(LongTimeouts, withSocket: false);
        var foreign = new Lazy<Task>(() => SendForeignAsync(0, Wei.FromGwei(10)));
        Proxy.Fault = async (method, _, forward) =>
        {
            if (method == "eth_sendRawTransaction") await foreign.Value;
            return await forward();
        };
        var commits = new[] { Envelopes.Commit(size: 100), Envelopes.Commit(size: 101) };

        var outcomes = await gateway.PublishOnceAsync(commits);
        Assert.Equal(
            (PublishErrorKind.Unavailable, "APP_CHAIN_UNAVAILABLE"), (outcomes[0].Error!.Kind, outcomes[0].Error!.Reason));
        Assert.NotNull(outcomes[0].Error!.RetryAfter);
        var published = TestFlow.Read(outcomes[1]).Hash;

        var again = await gateway.PublishOnceAsync(commits);
        TestFlow.Read(again[0]);
        Assert.Equal(published, TestFlow.Read(again[1]).Hash);
        Assert.Equal(3UL, await CountAsync());
    }

    private async Task<ulong> PendingAsync() =>
        (await Node.Rpc.GetTransactionCountAsync(Signer.Address, BlockTag.Pending, Cancel)).OrThrow();
}
