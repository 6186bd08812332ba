using StackExchange.Redis;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.Transactions.Nonces;

public sealed class RedisNonceStoreTests(RedisServerFixture redis) : SharedNonceStoreConformance, IClassFixture<RedisServerFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();

    [Fact]
    public async Task A_full_store_takes_what_frees_a_nonce_and_restores_a_transaction_whole()
    {
        var store = await OpenedAsync(options: ShortLeases);
        await TakeAsync(store, "a", 3);
        for (byte i = 5; i < 8; i++) await store.SignAsync(i, "a", Version(i), new[] { i }, Cancel);
        await store.FinishAsync(5, "a", isKept: true, Cancel);
        await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "1");
        var refused = await store.RefuseAsync(6, "a", Cancel);
        var restored = await store.RestoreAsync(5, Cancel);
        await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "0");
        Assert.Equal((NonceStoreStatus.Done, NonceStoreStatus.Done, 1), (refused, restored.Status, restored.Count));

        await PassAsync(ShortLeases.Lease);
        var adopted = (await store.AdoptAsync("successor", 10, Cancel)).Entries;
        Assert.Equal([(5UL, (byte)5), (7UL, (byte)7)], adopted.Select(entry => (entry.Nonce, entry.Raw.Span[0])));
    }
}

public sealed class GarnetNonceStoreTests(GarnetInProcess garnet) : SharedNonceStoreConformance, IClassFixture<GarnetInProcess>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}
