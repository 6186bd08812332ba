using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>A process ends between two steps; another one takes every nonce to its end.</summary>
public sealed class CrashTests(DevChainFixture chain, RedisOfOne redis) : IClassFixture<DevChainFixture>, IClassFixture<RedisOfOne>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<ISigner> RichAsync(byte seed)
    {
        var signer = Payers.Signer(seed);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1000), Cancel);
        return signer;
    }

    private RedisNonceStore StoreOf(ISigner signer) =>
        new(redis.Database, "crash:", new NonceStream(31337, signer.Address), TestFlow.Quick.NonceStore, TimeProvider.System);

    private async Task<ulong> CountAsync(ISigner signer, BlockTag block) =>
        (await chain.Rpc.GetTransactionCountAsync(signer.Address, block, Cancel)).OrThrow();

    /// <summary>What a process had done before it ended: leased so many, and of those signed, and of those sent.</summary>
    private async Task LeaveBehindAsync(ISigner signer, int leased, int signed, int sent)
    {
        var store = StoreOf(signer);
        var genesis = (await chain.Rpc.GetBlockAsync(BlockTag.At(0), Cancel)).OrThrow()!.Hash;
        await store.OpenAsync(new ChainPosition(genesis, 0, 0), [], Cancel);
        NonceReservation reservation;
        do reservation = await store.ReserveAsync(new NonceRequest("gone", leased), Cancel);
        while (reservation.Status == NonceStoreStatus.Settling);
        // The later nonces get further: what is missing is below what was sent.
        foreach (var nonce in reservation.Nonces.Skip(leased - signed))
        {
            var call = Update(nonce);
            var transaction = await call.SignAsync(signer, Cancel);
            await store.SignAsync(
                nonce,
                "gone",
                new TransactionAttempt(transaction.Hash, AttemptKind.Payload, Wei.FromGwei(4), Wei.FromGwei(1)),
                transaction.Raw,
                Cancel);
            if (nonce >= (ulong)(leased - sent)) (await chain.Rpc.SendRawTransactionAsync(transaction.Raw, Cancel)).OrThrow();
        }
    }

    [Theory]
    [InlineData(1, 0, 0, 50)]
    [InlineData(3, 3, 0, 51)]
    [InlineData(3, 3, 3, 52)]
    [InlineData(4, 2, 2, 53)]
    [InlineData(6, 4, 2, 54)]
    public async Task Every_nonce_of_an_ended_process_is_resolved(int leased, int signed, int sent, byte seed)
    {
        var signer = await RichAsync(seed);
        await LeaveBehindAsync(signer, leased, signed, sent);
        await using var successor = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer, StoreOf(signer));
        if (signed > 0) await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Latest) == (ulong)leased, "all are mined");
        await Eventually.IsAsync(
            async () => (await successor.NonceStore.ListAsync(Cancel)).Entries.All(entry => !entry.IsInDoubt), "none is in doubt");
        var published = TestFlow.Read(await successor.PublishAsync(Envelopes.Commit()));
        Assert.NotEqual(0UL, published.Unsigned.OriginatorSequenceId);
        Assert.Equal(0, successor.Counted("xmtp_gateway_nonces_foreign_total"));

        // A nonce that was leased and never signed is cancelled, or given to the new publish: by which lease ends first.
        // The cancellation may be counted behind the publish that is mined with it.
        var used = (int)await CountAsync(signer, BlockTag.Latest);
        Assert.InRange(used, signed + 1, leased + 1);
        await Eventually.IsAsync(
            () => successor.Counted("xmtp_gateway_nonces_cancelled_total") == used - signed - 1, "the cancellation is counted");
    }

    [Fact]
    public async Task A_signer_that_fails_at_one_nonce_of_a_gap_leaves_none_of_them_missing()
    {
        var signer = await RichAsync(56);
        await LeaveBehindAsync(signer, leased: 5, signed: 1, sent: 1);
        await using var successor = await TestFlow.StartAsync(
            chain.Anvil.HttpUrl, SignerWithHook.FailingAt(signer, 1), StoreOf(signer));
        await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Latest) == 5, "all are mined");
    }

    [Fact]
    public async Task A_gateway_that_crashes_with_transactions_in_the_mempool_leaves_them_to_the_next()
    {
        var signer = await RichAsync(60);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        try
        {
            var first = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer, StoreOf(signer));
            var publishing = Enumerable.Range(0, 8).Select(i => first.PublishAsync(Envelopes.Commit((byte)i))).ToList();
            await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 8, "eight in the mempool");
            await first.CrashAsync();
            await Task.WhenAll(publishing);

            await using var next = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer, StoreOf(signer));
            var more = next.PublishAsync(Envelopes.Identity());
            await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 9, "nine in the mempool");
            await Eventually.IsAsync(() => next.Counted("xmtp_gateway_nonces_adopted_total") == 8, "eight were taken over");
            await chain.Chain.MineAsync(1, Cancel);
            TestFlow.Read(await more);
            await Eventually.IsAsync(async () => (await next.NonceStore.ListAsync(Cancel)).Entries.Count == 0, "all came to their end");
            Assert.Equal(9UL, await CountAsync(signer, BlockTag.Latest));
        }
        finally
        {
            await chain.Chain.SetAutomineAsync(true, CancellationToken.None);
        }
    }

    [Fact]
    public async Task A_store_that_restarts_empty_is_filled_again_and_nothing_is_lost()
    {
        await using var own = await RedisServer.StartAsync();
        await using var connection = await own.ConnectAsync();
        var signer = await RichAsync(61);
        var store = new RedisNonceStore(
            connection.GetDatabase(), "crash:", new NonceStream(31337, signer.Address), TestFlow.Quick.NonceStore, TimeProvider.System);
        await using var gateway = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer, store);
        await chain.Chain.SetAutomineAsync(false, Cancel);
        try
        {
            var publishing = Enumerable.Range(0, 6).Select(i => gateway.PublishAsync(Envelopes.Commit((byte)i))).ToList();
            await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 6, "six in the mempool");
            await own.KillAsync();
            var meanwhile = gateway.PublishAsync(Envelopes.Identity());
            await own.RestartAsync();
            await Eventually.IsAsync(async () => await CountAsync(signer, BlockTag.Pending) == 7, "the seventh joined them");
            Assert.Equal(7, (await store.ListAsync(Cancel)).Entries.Count(entry => entry.IsInDoubt));
            await chain.Chain.MineAsync(1, Cancel);
            foreach (var outcome in await Task.WhenAll([.. publishing, meanwhile])) TestFlow.Read(outcome);
            Assert.Equal(7UL, await CountAsync(signer, BlockTag.Latest));
        }
        finally
        {
            await chain.Chain.SetAutomineAsync(true, CancellationToken.None);
        }
    }

    private static FeeMarketTransaction Update(ulong nonce) => new()
    {
        ChainId = 31337,
        Nonce = nonce,
        GasLimit = 200_000,
        To = ChainAddresses.IdentityUpdateBroadcaster,
        Data = IdentityUpdateBroadcasterContract.EncodeAddIdentityUpdate(Envelopes.Id(32), Envelopes.Id(100, (byte)nonce)),
        MaxFeePerGas = Wei.FromGwei(4),
        MaxPriorityFeePerGas = Wei.FromGwei(1),
    };
}
