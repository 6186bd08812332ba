using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>
/// A signer, or another part, fails once while transactions are out: what was sent is watched to its end, and paid for
/// once.
/// </summary>
public sealed class FailingSignerTests(DevChainFixture chain) : IClassFixture<DevChainFixture>, IAsyncLifetime
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await chain.Chain.SetAutomineAsync(true, CancellationToken.None);
        await chain.Chain.MineAsync(1, CancellationToken.None);
    }

    private async Task<ISigner> RichAsync(byte seed)
    {
        var signer = Payers.Signer(seed);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1000), Cancel);
        return signer;
    }

    private async Task<ulong> CountAsync(ISigner signer, BlockTag block) =>
        (await chain.Rpc.GetTransactionCountAsync(signer.Address, block, Cancel)).OrThrow();

    [Fact]
    public async Task A_signer_that_fails_while_a_stuck_transaction_is_replaced_does_not_end_the_watch()
    {
        var signer = SignerWithHook.FailingAt(await RichAsync(100), 2, 3);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer);
        var first = gateway.PublishOnceAsync(Envelopes.Commit());
        await Eventually.IsAsync(() => signer.Count >= 3, "two replacements could not be signed");
        var again = gateway.PublishOnceAsync(Envelopes.Commit());
        await Eventually.IsAsync(
            async () => (await gateway.NonceStore.ListAsync(Cancel)).Entries is [{ Attempts.Count: >= 2 }],
            "it is replaced when the signer is back");
        await chain.Chain.MineAsync(1, Cancel);
        Assert.Equal(TestFlow.Read(await first).Hash, TestFlow.Read(await again).Hash);
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Pending));
    }

    [Fact]
    public async Task A_signer_that_hangs_does_not_keep_a_mined_transaction_from_its_answer()
    {
        var hangs = new TaskCompletionSource();
        var signer = new SignerWithHook(await RichAsync(101), number => number == 2 ? hangs.Task : Task.CompletedTask);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        await using var gateway = await TestFlow.StartAsync(
            chain.Anvil.HttpUrl, signer, options: TestFlow.Quick with { RpcTimeout = TimeSpan.FromSeconds(1) });
        var publishing = gateway.PublishOnceAsync(Envelopes.Commit());
        await Eventually.IsAsync(() => signer.Count >= 2, "the replacement is being signed");
        await chain.Chain.MineAsync(1, Cancel);
        TestFlow.Read(await publishing);
        hangs.SetResult();
    }

    [Theory]
    [InlineData(102, true)]
    [InlineData(103, false)]
    public async Task A_signer_that_fails_for_one_envelope_of_a_batch_costs_the_others_nothing_and_the_resend_publishes_that_one(
        byte seed, bool isOneTopic)
    {
        var signer = SignerWithHook.FailingAt(await RichAsync(seed), 2);
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer);
        ClientEnvelope[] batch =
        [
            Envelopes.Commit(1, 60),
            Envelopes.Commit(isOneTopic ? (byte)1 : (byte)9, 70),
            Envelopes.Commit(isOneTopic ? (byte)1 : (byte)17, 80),
        ];
        var outcomes = await gateway.PublishOnceAsync(batch);
        Assert.Equal(PublishErrorKind.Unavailable, Assert.Single(outcomes, outcome => outcome.Error is not null).Error!.Kind);
        Assert.All(outcomes, outcome => Assert.Equal(outcome.Error is not null, outcome.IsUnsent));
        var published = outcomes.Where(outcome => outcome.Error is null).Select(outcome => TestFlow.Read(outcome).Hash);
        var again = (await gateway.PublishOnceAsync(batch)).Select(outcome => TestFlow.Read(outcome).Hash).ToList();
        Assert.All(published, hash => Assert.Contains(hash, again));
        await Eventually.IsAsync(() => gateway.PendingTransactions.Count == 0, "nothing is in flight");
        Assert.Equal(3UL + (ulong)gateway.Counted("xmtp_gateway_nonces_cancelled_total"), await CountAsync(signer, BlockTag.Latest));
    }

    [Fact]
    public async Task A_network_publisher_that_throws_loses_no_outcome_of_the_App_Chain()
    {
        var signer = await RichAsync(104);
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer);
        gateway.Network.Before = (_, _) => throw new InvalidOperationException("a publisher of someone else's");
        var outcomes = await gateway.PublishOnceAsync([Envelopes.Commit(), Envelopes.Welcome()]);
        var published = TestFlow.Read(outcomes[0]);
        Assert.Equal(PublishErrorKind.Internal, outcomes[1].Error!.Kind);
        Assert.Equal(published.Hash, TestFlow.Read(await gateway.PublishOnceAsync(Envelopes.Commit())).Hash);
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Latest));
    }

    [Fact]
    public async Task A_process_whose_leases_ended_while_it_was_suspended_does_not_take_its_own_transactions_over()
    {
        var signer = await RichAsync(105);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        await using var gateway = await TestFlow.StartAsync(
            chain.Anvil.HttpUrl,
            signer,
            options: TestFlow.Quick with { Heartbeat = TimeSpan.FromHours(1), StuckAfter = TimeSpan.FromHours(1) });
        var publishing = gateway.PublishOnceAsync(Envelopes.Commit());
        await Eventually.IsAsync(
            async () => (await gateway.NonceStore.ListAsync(Cancel)) is { Entries: [{ IsInDoubt: true } entry], Now: var now }
                && now > entry.Since + (TestFlow.Quick.NonceStore.Lease * 2),
            "two leases have passed");
        await chain.Chain.MineAsync(1, Cancel);
        TestFlow.Read(await publishing);
        Assert.Equal(0, gateway.Counted("xmtp_gateway_nonces_adopted_total"));
        Assert.Equal(1UL, await CountAsync(signer, BlockTag.Pending));
    }
}
