using Google.Protobuf;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain;

public sealed class AppChainPublisherTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<ISigner> RichAsync(byte seed)
    {
        var signer = Payers.Signer(seed);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1000), Cancel);
        return signer;
    }

    [Fact]
    public async Task A_commit_is_answered_from_its_event_its_block_and_its_transaction()
    {
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, await RichAsync(10));
        var envelope = Envelopes.Commit();
        var (unsigned, payer, hash) = TestFlow.Read(await gateway.PublishAsync(envelope));
        var receipt = (await chain.Rpc.GetReceiptAsync(hash, Cancel)).OrThrow();
        var block = (await chain.Rpc.GetBlockAsync(receipt!.BlockHash, Cancel)).OrThrow();
        Assert.Equal(0u, unsigned.OriginatorNodeId);
        Assert.True(unsigned.OriginatorNs >= (long)block!.Timestamp * 1_000_000_000);
        Assert.Equal(envelope.ToByteString(), payer.UnsignedClientEnvelope);
        Assert.Null(payer.PayerSignature);
        Assert.NotEqual(0UL, unsigned.OriginatorSequenceId);
    }

    [Fact]
    public async Task Answers_have_the_gateways_own_time_which_rises_with_their_numbers()
    {
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, await RichAsync(26));
        var before = Nanoseconds();
        var answers = (await gateway.PublishAsync([.. Enumerable.Range(0, 30).Select(i => Envelopes.Commit((byte)(50 + (i % 4)), 60 + i))]))
            .Select(outcome => TestFlow.Read(outcome).Unsigned)
            .ToList();
        var after = Nanoseconds();
        Assert.Equal(answers.OrderBy(answer => answer.OriginatorSequenceId), answers.OrderBy(answer => answer.OriginatorNs));
        Assert.Equal(answers.Count, answers.Select(answer => answer.OriginatorNs).Distinct().Count());
        Assert.All(answers, answer => Assert.True(answer.OriginatorNs >= before));
        Assert.Contains(answers, answer => answer.OriginatorNs <= after && answer.OriginatorNs % 1_000_000_000 != 0);
    }

    private static long Nanoseconds() => (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * TimeSpan.NanosecondsPerTick;

    [Fact]
    public async Task Identity_updates_have_a_sequence_of_their_own_as_originator_1()
    {
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, await RichAsync(11));
        var first = TestFlow.Read(await gateway.PublishAsync(Envelopes.Identity())).Unsigned;
        var second = TestFlow.Read(await gateway.PublishAsync(Envelopes.Identity(2))).Unsigned;
        Assert.Equal(1u, first.OriginatorNodeId);
        Assert.Equal(first.OriginatorSequenceId + 1, second.OriginatorSequenceId);
    }

    [Fact]
    public async Task A_batch_is_answered_in_order_and_each_group_keeps_its_order_on_the_chain()
    {
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, await RichAsync(12));
        var envelopes = Enumerable.Range(0, 50)
            .Select(i => i % 5 == 4 ? Envelopes.Identity((byte)i) : Envelopes.Commit((byte)(i % 3), 60 + i))
            .ToList();
        var outcomes = await gateway.PublishAsync(envelopes);
        var answers = outcomes.Select(TestFlow.Read).ToList();
        for (var i = 0; i < envelopes.Count; i++) Assert.Equal(envelopes[i].ToByteString(), answers[i].Payer.UnsignedClientEnvelope);
        foreach (var group in Enumerable.Range(0, envelopes.Count).Where(i => i % 5 != 4).GroupBy(i => i % 3))
        {
            Assert.Equal(
                group.Select(i => answers[i].Unsigned.OriginatorSequenceId).Order(),
                group.Select(i => answers[i].Unsigned.OriginatorSequenceId));
        }
    }

    [Fact]
    public async Task Payloads_of_every_size_up_to_the_bound_are_published()
    {
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, await RichAsync(13));
        int[] sizes = [1, 1_000, 20_000, 199_000];
        var outcomes = await gateway.PublishAsync([.. sizes.Select((size, i) => Envelopes.Commit((byte)i, size))]);
        foreach (var outcome in outcomes) TestFlow.Read(outcome);
    }

    [Fact]
    public async Task Too_large_is_refused_by_index_and_bound_before_anything_is_sent()
    {
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, await RichAsync(14));
        var error = gateway.Check(Envelopes.Commit(), Envelopes.Commit(size: 200_000));
        Assert.Equal(PublishErrorKind.InvalidArgument, error!.Kind);
        Assert.Equal(1, error.EnvelopeIndex);
        Assert.Contains("200000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_contracts_own_bounds_are_followed()
    {
        await using var gateway = await TestFlow.StartAsync(
            chain.Anvil.HttpUrl, await RichAsync(15), options: TestFlow.Quick with { ContractRefresh = TimeSpan.FromMilliseconds(100) });
        await chain.Chain.SetPayloadSizesAsync(ChainAddresses.IdentityUpdateBroadcaster, 2_000, 3_000, Cancel);
        try
        {
            await Eventually.IsAsync(
                () => gateway.Check(Envelopes.Identity()) is { Kind: PublishErrorKind.InvalidArgument, EnvelopeIndex: 0 },
                "too small by the contract's bound");
        }
        finally
        {
            await chain.Chain.SetPayloadSizesAsync(ChainAddresses.IdentityUpdateBroadcaster, 0, 0, Cancel);
        }
    }

    [Fact]
    public async Task A_bound_that_refuses_is_read_again_until_it_does_not()
    {
        var signer = await RichAsync(89);
        await chain.Chain.SetPayloadSizesAsync(ChainAddresses.IdentityUpdateBroadcaster, 2_000, 3_000, Cancel);
        try
        {
            await using var gateway = await TestFlow.StartAsync(
                chain.Anvil.HttpUrl,
                signer,
                options: TestFlow.Quick with
                {
                    ContractRefresh = TimeSpan.FromMilliseconds(100),
                    ContractRestRefresh = TimeSpan.FromHours(1),
                });
            Assert.Equal(PublishErrorKind.InvalidArgument, gateway.Check(Envelopes.Identity())!.Kind);
            await chain.Chain.SetPayloadSizesAsync(ChainAddresses.IdentityUpdateBroadcaster, 0, 0, Cancel);
            await Eventually.IsAsync(() => gateway.Check(Envelopes.Identity()) is null, "it is accepted");
        }
        finally
        {
            await chain.Chain.SetPayloadSizesAsync(ChainAddresses.IdentityUpdateBroadcaster, 0, 0, Cancel);
        }
    }

    [Fact]
    public async Task An_unnoticed_pause_is_decoded_from_the_revert_and_later_publishes_are_refused_unsent()
    {
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, await RichAsync(16));
        await chain.Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, true, Cancel);
        try
        {
            Assert.Null(gateway.Check(Envelopes.Commit()));
            var outcome = await gateway.PublishAsync(Envelopes.Commit());
            Assert.Equal(PublishErrorKind.Unavailable, outcome.Error!.Kind);
            Assert.Equal("APP_CHAIN_PAUSED", outcome.Error.Reason);
            Assert.True(outcome.IsUnsent);
            Assert.Equal("APP_CHAIN_PAUSED", gateway.Check(Envelopes.Commit())!.Reason);
        }
        finally
        {
            await chain.Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, false, Cancel);
        }
    }

    [Fact]
    public async Task A_transaction_that_reverts_on_the_chain_is_explained_in_words()
    {
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, await RichAsync(17));
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
        await chain.Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, true, Cancel);
        try
        {
            // The estimate of the first one serves the second, so the pause is met by a mined transaction.
            var outcome = await gateway.PublishAsync(Envelopes.Commit());
            Assert.Equal("APP_CHAIN_PAUSED", outcome.Error!.Reason);
            Assert.False(outcome.IsUnsent);
        }
        finally
        {
            await chain.Chain.SetPausedAsync(ChainAddresses.GroupMessageBroadcaster, false, Cancel);
        }
    }

    [Fact]
    public async Task An_empty_wallet_is_distinguished_and_holds_no_nonce()
    {
        var signer = Payers.Signer(18);
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer);
        var outcome = await gateway.PublishAsync(Envelopes.Commit(), TimeSpan.FromSeconds(10));
        Assert.Equal("APP_CHAIN_FUNDS_EMPTY", outcome.Error!.Reason);
        Assert.True(outcome.IsUnsent);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1), Cancel);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit()));
    }
}
