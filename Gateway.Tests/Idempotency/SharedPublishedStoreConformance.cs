using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Idempotency;

/// <summary>What a store must do beyond the rest when replicas share it.</summary>
public abstract class SharedPublishedStoreConformance : PublishedStoreConformance, IAsyncLifetime
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly string prefix = $"test-{Guid.NewGuid():N}:";
    private readonly List<IDisposable> stores = [];
    private ConnectionMultiplexer? connection;
    private static readonly EnvelopeKey Key = EnvelopeKey.OnChain([1]);

    protected abstract Task<ConnectionMultiplexer> ConnectAsync();

    private protected override IPublishedStore NewReplica() => Made(NewRedis());

    private protected RedisPublishedStore NewRedis() => Made(new RedisPublishedStore(() => connection!.GetDatabase(), prefix, Options, Metrics, TimeProvider.System));

    private protected IdempotencyMetrics Metrics => new(services.GetRequiredService<IMeterFactory>());

    public async ValueTask InitializeAsync() => connection = await ConnectAsync();

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var store in stores) store.Dispose();
        if (connection is not null) await connection.DisposeAsync();
        await services.DisposeAsync();
    }

    // The store's own clock decides, so the store's own clock is what is waited for.
    private protected override async Task PassAsync(TimeSpan time)
    {
        var until = await StoreTimeAsync() + time + TimeSpan.FromMilliseconds(5);
        while (await StoreTimeAsync() <= until)
        {
        }
    }

    [Fact]
    public async Task Replicas_see_each_others_claims_and_results()
    {
        var (one, other) = (NewReplica(), NewReplica());
        Assert.Equal(ClaimState.Mine, await ClaimAsync(one, Key, 1));
        Assert.Equal(ClaimState.Busy, await ClaimAsync(other, Key, 1));
        var waits = other.WaitAsync(Key, Cancel);
        await one.EndAsync(Key, 1, PublishedAnswer.Of(new byte[] { 1, 2, 3 }, [2]));
        await waits;
        var claim = (await other.ClaimAsync([Key], 1, Cancel))[0];
        Assert.Equal([1, 2, 3], claim.Answer.Restore([2]));
    }

    [Fact]
    public async Task A_claim_outlives_its_lease_while_its_owner_lives_and_not_when_it_is_gone()
    {
        var (one, other) = (NewRedis(), NewReplica());
        Assert.Equal(ClaimState.Mine, await ClaimAsync(one, Key, 1));
        await PassAsync(Options.Lease * 3);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(other, Key, 1));
        one.Dispose();
        await other.WaitAsync(Key, Cancel);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(other, Key, 1));
    }

    [Fact]
    public async Task The_claim_of_a_lost_process_can_be_taken_but_not_its_result()
    {
        var (lost, heir, third) = (NewRedis(), NewReplica(), NewReplica());
        await ClaimAsync(lost, Key, 1);
        Assert.Equal(ClaimState.Mine, (await heir.SeizeAsync(Key, 1, Cancel)).State);
        await lost.EndAsync(Key, 1, null);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(third, Key, 1));
        await heir.EndAsync(Key, 1, PublishedAnswer.Of(new byte[] { 1 }, [2]));
        Assert.Equal(ClaimState.Published, (await third.SeizeAsync(Key, 2, Cancel)).State);
    }

    [Fact]
    public async Task An_abandoned_claim_stands_until_its_lease_ends()
    {
        var (one, other) = (NewReplica(), NewReplica());
        await ClaimAsync(one, Key, 1);
        one.Abandon(Key, 1);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(other, Key, 1));
        await other.WaitAsync(Key, Cancel);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(other, Key, 1));
    }

    private T Made<T>(T store)
    {
        if (store is IDisposable disposable) stores.Add(disposable);
        return store;
    }

    private async Task<DateTimeOffset> StoreTimeAsync()
    {
        var parts = (RedisResult[])(await connection!.GetDatabase().ExecuteAsync("TIME"))!;
        return DateTimeOffset.FromUnixTimeMilliseconds((long.Parse(parts[0].ToString(), CultureInfo.InvariantCulture) * 1000) + (long.Parse(parts[1].ToString(), CultureInfo.InvariantCulture) / 1000));
    }
}

public sealed class RedisPublishedStoreTests(RedisServerFixture redis) : SharedPublishedStoreConformance, IClassFixture<RedisServerFixture>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();
}

public sealed class GarnetPublishedStoreTests(GarnetInProcess garnet) : SharedPublishedStoreConformance, IClassFixture<GarnetInProcess>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}

public sealed class TieredPublishedStoreTests(RedisServerFixture redis) : SharedPublishedStoreConformance, IClassFixture<RedisServerFixture>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();

    private protected override IPublishedStore NewReplica() => new TieredPublishedStore(new MemoryPublishedStore(Options, Metrics, TimeProvider.System), NewRedis());
}
