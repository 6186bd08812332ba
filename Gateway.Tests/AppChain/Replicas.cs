using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>Gateways of one payer that share nonces and results in Redis, over a chain that mines when told.</summary>
internal sealed class Replicas(DevChainFixture chain, PrivateKeySigner signer, IDatabase redis)
{
    public static readonly IdempotencyOptions Options = new() { Lease = TimeSpan.FromSeconds(6) };

    private readonly string _prefix = $"replicas-{signer.Address}:";

    public NonceStream Stream { get; } = new(31337, signer.Address);

    public PrivateKeySigner Signer => signer;

    public IDatabase Store => redis;

    public RedisKey NonceKey => $"{_prefix}nonces:{{{Stream}}}";

    public RedisKey TransactionKey => $"{_prefix}transactions:{{{Stream}}}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<Replicas> OfAsync(DevChainFixture chain, byte seed, IDatabase redis)
    {
        var signer = Payers.Signer(seed);
        await chain.Chain.SetBalanceAsync(signer.Address, Wei.FromEther(1000), Cancel);
        return new Replicas(chain, signer, redis);
    }

    public RedisNonceStore Nonces(IDatabase? store = null) =>
        new(store ?? redis, _prefix, Stream, TestFlow.Quick.NonceStore, TimeProvider.System);

    public IPublishedStore Results(IdempotencyMetrics metrics, IDatabase? store = null) => new TieredPublishedStore(
        new MemoryPublishedStore(Options, metrics, TimeProvider.System, isInFrontOfShared: true),
        new RedisPublishedStore(() => store ?? redis, $"{_prefix}published:{{{Stream}}}:", Options, metrics, TimeProvider.System));

    /// <summary>Another gateway.</summary>
    /// <param name="rpc">Its endpoint of the chain, when not the chain itself.</param>
    /// <param name="with">Its signer, when not the key itself.</param>
    /// <param name="nonces">Its connection to the nonces, when not the common one.</param>
    /// <param name="results">Its connection to the results, when not the common one.</param>
    public Task<TestFlow> StartAsync(Uri? rpc = null, ISigner? with = null, IDatabase? nonces = null, IDatabase? results = null) =>
        TestFlow.StartAsync(rpc ?? chain.Anvil.HttpUrl, with ?? signer, Nonces(nonces), results: metrics => Results(metrics, results));

    public async Task<ulong> CountAsync(BlockTag block) =>
        (await chain.Rpc.GetTransactionCountAsync(signer.Address, block, Cancel)).OrThrow();

    public Task InMempoolAsync(ulong count) =>
        Eventually.IsAsync(async () => await CountAsync(BlockTag.Pending) == count, $"{count} in the mempool");

    public async Task<IReadOnlyList<NonceEntry>> EntriesAsync() => (await ListAsync()).Entries;

    /// <summary>What a lost process had signed and not sent: the calls, at nonces from 0.</summary>
    public async Task<IReadOnlyList<SignedTransaction>> LeaveSignedAsync(params UnsignedTransaction[] calls)
    {
        var store = await OpenedAsync();
        NonceReservation reservation;
        do reservation = await store.ReserveAsync(new NonceRequest("gone", calls.Length), Cancel);
        while (reservation.Status == NonceStoreStatus.Settling);
        List<SignedTransaction> signed = [];
        foreach (var (nonce, call) in reservation.Nonces.Zip(calls))
        {
            var transaction = await call.SignAsync(signer, Cancel);
            await store.SignAsync(
                nonce,
                "gone",
                new TransactionAttempt(transaction.Hash, AttemptKind.Payload, Wei.FromGwei(4), Wei.FromGwei(1)),
                transaction.Raw,
                Cancel);
            signed.Add(transaction);
        }

        return signed;
    }

    private async Task<RedisNonceStore> OpenedAsync()
    {
        var store = Nonces();
        var genesis = (await chain.Rpc.GetBlockAsync(BlockTag.At(0), Cancel)).OrThrow()!.Hash;
        Assert.Equal(
            NonceStoreStatus.Done,
            await store.OpenAsync(
                new ChainPosition(genesis, await CountAsync(BlockTag.Latest), await CountAsync(BlockTag.Pending)), [], Cancel));
        return store;
    }

    private async Task<NonceEntries> ListAsync() => await (await OpenedAsync()).ListAsync(Cancel);
}
