using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Chain.Transactions;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>What the store holds of a nonce cannot be read: it is looked for on the chain or cancelled, and blocks nobody.</summary>
public sealed class UnreadableTransactionTests(DevChainFixture chain, RedisOfOne redis)
    : IClassFixture<DevChainFixture>, IClassFixture<RedisOfOne>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(110, "", "not a transaction")]
    [InlineData(111, "not an entry", "not a transaction")]
    [InlineData(112, "b|gone|0|0|P:what", "")]
    public async Task A_nonce_whose_transaction_was_never_sent_is_cancelled_and_later_ones_are_mined(byte seed, string entry, string raw)
    {
        var replicas = await Replicas.OfAsync(chain, seed, redis.Database);
        await replicas.LeaveSignedAsync(Call());
        await SpoilAsync(replicas, entry, raw);
        await using var successor = await replicas.StartAsync();
        TestFlow.Read(await successor.PublishOnceAsync(Envelopes.Commit()));
        await Eventually.IsAsync(async () => (await replicas.EntriesAsync()).Count == 0, "no nonce is left");
        Assert.Equal(2UL, await replicas.CountAsync(BlockTag.Latest));
    }

    [Theory]
    [InlineData(113, "")]
    [InlineData(114, "not an entry")]
    public async Task A_nonce_whose_transaction_was_mined_is_released(byte seed, string entry)
    {
        var replicas = await Replicas.OfAsync(chain, seed, redis.Database);
        var sent = (await replicas.LeaveSignedAsync(Call()))[0];
        (await chain.Rpc.SendRawTransactionAsync(sent.Raw, Cancel)).OrThrow();
        await SpoilAsync(replicas, entry, "not a transaction");
        await using var successor = await replicas.StartAsync();
        TestFlow.Read(await successor.PublishOnceAsync(Envelopes.Commit()));
        await Eventually.IsAsync(async () => (await replicas.EntriesAsync()).Count == 0, "no nonce is left");
        Assert.Equal(2UL, await replicas.CountAsync(BlockTag.Latest));
    }

    private static async Task SpoilAsync(Replicas replicas, string entry, string raw)
    {
        var store = replicas.Store;
        if (entry.Length > 0) await store.HashSetAsync(replicas.NonceKey, "0", entry);
        if (raw.Length > 0) await store.HashSetAsync(replicas.TransactionKey, "0", raw);
        else await store.HashDeleteAsync(replicas.TransactionKey, "0");
    }

    private static FeeMarketTransaction Call() => new()
    {
        ChainId = 31337,
        Nonce = 0,
        GasLimit = 200_000,
        To = ChainAddresses.IdentityUpdateBroadcaster,
        Data = IdentityUpdateBroadcasterContract.EncodeAddIdentityUpdate(Envelopes.Id(32), Envelopes.Id(100)),
        MaxFeePerGas = Wei.FromGwei(4),
        MaxPriorityFeePerGas = Wei.FromGwei(1),
    };
}
