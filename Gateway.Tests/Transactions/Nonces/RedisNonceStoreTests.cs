using StackExchange.Redis;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.Transactions.Nonces;

public sealed class RedisNonceStoreTests(RedisServerFixture redis) : SharedNonceStoreConformance, IClassFixture<RedisServerFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();

    [Fact]
    public async Task A_full_store_that_refuses_a_step_keeps_the_transaction_that_the_step_was_about()
    {
        var store = await OpenedAsync(options: ShortLeases);
        await TakeAsync(store, "a", 2);
        await store.SignAsync(5, "a", Version(1), new byte[] { 1 }, Cancel);
        await store.SignAsync(6, "a", Version(2), new byte[] { 2 }, Cancel);
        await store.FinishAsync(5, "a", isKept: true, Cancel);
        await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "1");
        var refused = await store.RefuseAsync(6, "a", Cancel);
        var restored = await store.RestoreAsync(5, Cancel);
        await redis.Server.AskAsync("CONFIG", "SET", "maxmemory", "0");
        Assert.Equal((NonceStoreStatus.Unavailable, NonceStoreStatus.Unavailable), (refused, restored.Status));

        Assert.Equal(1, (await store.RestoreAsync(5, Cancel)).Count);
        await PassAsync(ShortLeases.Lease);
        var adopted = (await store.AdoptAsync("successor", 10, Cancel)).Entries;
        Assert.Equal([(5UL, (byte)1), (6UL, (byte)2)], adopted.Select(entry => (entry.Nonce, entry.Raw.Span[0])));
    }
}

public sealed class GarnetNonceStoreTests(GarnetInProcess garnet) : SharedNonceStoreConformance, IClassFixture<GarnetInProcess>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}
