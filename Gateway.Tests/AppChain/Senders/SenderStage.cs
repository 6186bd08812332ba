using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Redis;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain.Senders;

/// <summary>A payer with senders on a real chain: its gateways share everything in Redis, unless there is none.</summary>
/// <param name="chain">The chain.</param>
/// <param name="payer">The payer, which has no gas.</param>
/// <param name="senders">Its senders.</param>
/// <param name="redis">The shared Redis; null for a gateway by itself.</param>
internal sealed class SenderStage(DevChainFixture chain, ISigner payer, IReadOnlyList<ISigner> senders, RedisOfOne? redis)
{
    private readonly string _prefix = $"senders-{payer.Address}:";

    /// <summary>The record of all topics in Redis.</summary>
    public string Key => $"{_prefix}senders:{{{new NonceStream(31337, payer.Address)}}}";

    public IReadOnlyList<ISigner> Senders => senders;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A stage whose senders have gas.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="seed">The first of the seeds of its keys, which no other test has: the payer's.</param>
    /// <param name="count">How many senders.</param>
    /// <param name="redis">The shared Redis; null for a gateway by itself.</param>
    public static async Task<SenderStage> OfAsync(DevChainFixture chain, byte seed, int count, RedisOfOne? redis = null)
    {
        ISigner[] senders = [.. Enumerable.Range(1, count).Select(i => Payers.Signer((byte)(seed + i)))];
        foreach (var sender in senders) await chain.Chain.SetBalanceAsync(sender.Address, Wei.FromEther(1000), Cancel);
        return new SenderStage(chain, Payers.Signer(seed), senders, redis);
    }

    /// <summary>Another gateway.</summary>
    /// <param name="rpc">Its endpoint of the chain; null for the chain itself.</param>
    /// <param name="signers">Its senders' signers; null for the keys.</param>
    /// <param name="stuckAfter">When a sender counts as stuck; null for later than a test lasts.</param>
    public Task<TestFlow> StartAsync(Uri? rpc = null, IReadOnlyList<ISigner>? signers = null, TimeSpan? stuckAfter = null) =>
        TestFlow.StartAsync(
            rpc ?? chain.Anvil.HttpUrl,
            payer,
            Nonces(payer.Address),
            TestFlow.Quick with { StuckAfter = stuckAfter ?? TimeSpan.FromMinutes(5) },
            results: redis is null ? null : Results,
            more: services =>
            {
                services.AddSingleton(new SenderSigners(signers ?? senders));
                if (redis is null) return;
                services.AddOptions<RedisOptions>().Configure(options =>
                {
                    options.ConnectionString = $"127.0.0.1:{redis.Server.Port}";
                    options.KeyPrefix = _prefix;
                });
                services.AddSingleton<RedisConnection>();
            });

    /// <summary>The nonces of an account in Redis; null without.</summary>
    public INonceStore? Nonces(EthereumAddress account) => redis is null
        ? null
        : new RedisNonceStore(
            redis.Database, _prefix, new NonceStream(31337, account), TestFlow.Quick.NonceStore, TimeProvider.System);

    /// <summary>What Redis has of an account's nonces.</summary>
    public async Task<IReadOnlyList<NonceEntry>> EntriesAsync(EthereumAddress account)
    {
        var store = Nonces(account)!;
        var genesis = (await chain.Rpc.GetBlockAsync(BlockTag.At(0), Cancel)).OrThrow()!.Hash;
        var pending = (await chain.Rpc.GetTransactionCountAsync(account, BlockTag.Pending, Cancel)).OrThrow();
        await store.OpenAsync(new ChainPosition(genesis, await CountAsync(account), pending), [], Cancel);
        return (await store.ListAsync(Cancel)).Entries;
    }

    /// <summary>The first choice of an envelope's topic.</summary>
    public static EthereumAddress FirstOf(TestFlow gateway, ClientEnvelope envelope) => SenderRanking.Of(
        envelope.Aad.TargetTopic.Span, gateway.Services.GetRequiredService<SenderSet>().All)[0].Address;

    /// <summary>Seeds of commits whose topics have a sender as their first choice.</summary>
    public static IEnumerable<byte> SeedsOf(TestFlow gateway, EthereumAddress sender) =>
        Enumerable.Range(1, 250).Select(i => (byte)i).Where(seed => FirstOf(gateway, Envelopes.Commit(seed)) == sender);

    /// <summary>Who sent what published an envelope.</summary>
    public async Task<EthereumAddress> SenderOfAsync(EnvelopeOutcome outcome) =>
        (await chain.Rpc.GetTransactionAsync(TestFlow.Read(outcome).Hash, Cancel)).OrThrow()!.From;

    public async Task<ulong> CountAsync(EthereumAddress account) =>
        (await chain.Rpc.GetTransactionCountAsync(account, BlockTag.Latest, Cancel)).OrThrow();

    /// <summary>Whether a sender is unavailable, for all replicas.</summary>
    public async Task<bool> IsUnavailableAsync(EthereumAddress sender) =>
        (long?)await redis!.Database.HashGetAsync(Key, $"a|{RedisTopicHolds.Name(sender)}") is { } until
        && until > TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Takes out what replicas said of a sender.</summary>
    public Task ForgetAwayAsync(EthereumAddress sender) =>
        redis!.Database.HashDeleteAsync(Key, $"a|{RedisTopicHolds.Name(sender)}");

    /// <summary>Keeps a sender's transactions to itself, though it says that it took them, while it is told to.</summary>
    public static void Keep(RpcProxy proxy, EthereumAddress sender, Func<bool> keeps) =>
        proxy.Fault = async (method, parameters, forward) =>
        {
            if (method != "eth_sendRawTransaction" || !keeps()) return await forward();
            return TryRead(parameters, out var signed) && signed!.Sender == sender
                ? await RpcProxy.Result(signed.Hash.ToString())
                : await forward();
        };

    private static bool TryRead(JsonElement parameters, out SignedTransaction? signed) =>
        SignedTransactionReader.TryRead(Convert.FromHexString(parameters[0].GetString()![2..]), out signed);

    private TieredPublishedStore Results(IdempotencyMetrics metrics) => new(
        new MemoryPublishedStore(Replicas.Options, metrics, TimeProvider.System, isInFrontOfShared: true),
        new RedisPublishedStore(() => redis!.Database, $"{_prefix}published:", Replicas.Options, metrics, TimeProvider.System));
}
