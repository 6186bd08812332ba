using System.Buffers.Text;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Idempotency;

/// <summary>What a store must do beyond the rest when replicas share it.</summary>
public abstract class SharedPublishedStoreConformance : PublishedStoreConformance, IAsyncLifetime
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly ConnectedRedis _redis = new();
    private readonly List<IDisposable> _stores = [];
    private static readonly EnvelopeKey Key = EnvelopeKey.OnChain([1]);

    protected abstract Task<ConnectionMultiplexer> ConnectAsync();

    private protected override IPublishedStore NewReplica(IdempotencyOptions? options = null) => NewRedis(options);

    private protected RedisPublishedStore NewRedis(IdempotencyOptions? options = null) =>
        Made(new RedisPublishedStore(() => _redis.Database, _redis.Prefix, options ?? Options, Metrics, TimeProvider.System));

    private protected IdempotencyMetrics Metrics => new(_services.GetRequiredService<IMeterFactory>());

    public ValueTask InitializeAsync() => _redis.OpenAsync(ConnectAsync());

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var store in _stores) store.Dispose();
        await _redis.DisposeAsync();
        await _services.DisposeAsync();
    }

    // The store's own clock decides, so the store's own clock is what is waited for.
    private protected override async Task PassAsync(TimeSpan time)
    {
        var until = await StoreTimeAsync() + time + TimeSpan.FromMilliseconds(5);
        await Eventually.IsAsync(async () => await StoreTimeAsync() > until, "the time has passed");
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
    public async Task A_claim_outlives_its_lease_only_while_its_owner_runs()
    {
        var (one, other) = (NewRedis(Short), NewReplica(Short));
        Assert.Equal(ClaimState.Mine, await ClaimAsync(one, Key, 1));
        await PassAsync(Short.Lease * 2);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(other, Key, 1));
        one.Dispose();
        await other.WaitAsync(Key, Cancel);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(other, Key, 1));
    }

    [Fact]
    public async Task The_claim_of_a_lost_process_can_be_taken_but_not_its_result()
    {
        var (lost, successor, third) = (NewRedis(), NewReplica(), NewReplica());
        await ClaimAsync(lost, Key, 1);
        Assert.Equal(ClaimState.Mine, (await successor.TakeOverAsync(Key, 1, Cancel)).State);
        await lost.EndAsync(Key, 1, null);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(third, Key, 1));
        await successor.EndAsync(Key, 1, PublishedAnswer.Of(new byte[] { 1 }, [2]));
        Assert.Equal(ClaimState.Published, (await third.TakeOverAsync(Key, 2, Cancel)).State);
    }

    [Fact]
    public async Task An_abandoned_claim_stands_until_its_lease_ends()
    {
        var (one, other) = (NewReplica(Short), NewReplica(Short));
        await ClaimAsync(one, Key, 1);
        one.Abandon(Key, 1);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(other, Key, 1));
        await other.WaitAsync(Key, Cancel);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(other, Key, 1));
    }

    [Fact]
    public async Task A_claim_is_renewed_however_young_it_is()
    {
        var time = new FakeTimeProvider();
        var options = new IdempotencyOptions();
        using var store = new RedisPublishedStore(() => _redis.Database, _redis.Prefix, options, Metrics, time);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, Key, 1));
        await _redis.Database.KeyExpireAsync(_redis.Prefix + Key, options.Lease / 2);
        time.Advance(TimeSpan.FromSeconds(9));
        await Eventually.IsAsync(
            async () => await _redis.Database.KeyTimeToLiveAsync(_redis.Prefix + Key) > options.Lease / 2, "it is renewed");
    }

    [Fact]
    public async Task What_the_release_before_wrote_is_read()
    {
        var envelope = new byte[] { 2, 2, 2 };
        var key = _redis.Prefix + Base64Url.EncodeToString(SHA256.HashData([0xFF, 0xFF, 0xFF, 0xFF, .. envelope]));
        await _redis.Database.StringSetAsync(key, "c0123456789abcdef:7", TimeSpan.FromMinutes(1));
        var store = NewReplica();
        Assert.Equal(ClaimState.Busy, await ClaimAsync(store, EnvelopeKey.OnChain(envelope), 7));
        await _redis.Database.StringSetAsync(key, (byte[])[(byte)'d', 1, 0, 0, 0, 9, 8], TimeSpan.FromMinutes(1));
        var claim = (await store.ClaimAsync([EnvelopeKey.OnChain(envelope)], 7, Cancel))[0];
        Assert.Equal(ClaimState.Published, claim.State);
        Assert.Equal([9, .. envelope, 8], claim.Answer.Restore(envelope));
    }

    [Fact]
    public async Task A_result_that_this_release_cannot_read_does_not_allow_a_publish()
    {
        await _redis.Database.StringSetAsync(_redis.Prefix + Key, "z of a later release", TimeSpan.FromMinutes(1));
        Assert.Equal(ClaimState.Unanswered, await ClaimAsync(NewReplica(), Key, 1));
    }

    private T Made<T>(T store)
    {
        if (store is IDisposable disposable) _stores.Add(disposable);
        return store;
    }

    private async Task<DateTimeOffset> StoreTimeAsync()
    {
        var parts = (RedisResult[])(await _redis.Database.ExecuteAsync("TIME"))!;
        return DateTimeOffset.FromUnixTimeMilliseconds(
            (long.Parse(parts[0].ToString(), CultureInfo.InvariantCulture) * 1000)
                + (long.Parse(parts[1].ToString(), CultureInfo.InvariantCulture) / 1000));
    }
}

public sealed class RedisPublishedStoreTests(RedisServerFixture redis) : SharedPublishedStoreConformance, IClassFixture<RedisServerFixture>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();

    [Fact]
    public async Task An_unavailable_store_grants_nothing_and_gets_the_result_when_it_recovers()
    {
        var options = new IdempotencyOptions { Lease = TimeSpan.FromSeconds(6) };
        await using var own = await RedisServer.StartAsync();
        await using var connection = await own.ConnectAsync();
        using var store = new RedisPublishedStore(() => connection.GetDatabase(), "away:", options, Metrics, TimeProvider.System);
        var (one, other) = (EnvelopeKey.OnChain([1]), EnvelopeKey.OnChain([2]));
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, one, 1));
        await own.KillAsync();
        Assert.Equal(ClaimState.Unanswered, await ClaimAsync(store, other, 2));
        Assert.Equal(ClaimState.Unanswered, (await store.ClaimAsync(other, 2, Cancel)).State);
        Assert.Equal(ClaimState.Unanswered, (await store.TakeOverAsync(other, 3, Cancel)).State);
        await store.EndAsync(one, 1, PublishedAnswer.Of(new byte[] { 1, 2, 3 }, [2]));
        var (third, persisted) = (EnvelopeKey.OnChain([3]), false);
        var ending = store.EndAsync([new(third, PublishedAnswer.Of(new byte[] { 3 }, [2]), () => Volatile.Write(ref persisted, true))], 5);
        await ending;
        Assert.False(persisted);
        await own.RestartAsync();
        await Eventually.IsAsync(async () => await ClaimAsync(store, one, 4) == ClaimState.Published, "the result is there");
        await Eventually.IsAsync(() => Volatile.Read(ref persisted), "so is that of the batch");
        Assert.Equal(ClaimState.Published, await ClaimAsync(store, third, 6));
    }

    [Fact]
    public async Task A_server_that_has_forgotten_the_scripts_gets_them_again()
    {
        await using var own = await RedisServer.StartAsync();
        await using var connection = await own.ConnectAsync();
        using var store = new RedisPublishedStore(() => connection.GetDatabase(), "new:", Options, Metrics, TimeProvider.System);
        for (byte i = 0; i < 3; i++)
        {
            Assert.Equal(ClaimState.Mine, await ClaimAsync(store, EnvelopeKey.OnChain([i]), 1));
            await own.AskAsync("SCRIPT", "FLUSH");
        }
    }
}

public sealed class GarnetPublishedStoreTests(GarnetInProcess garnet) : SharedPublishedStoreConformance, IClassFixture<GarnetInProcess>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}

public sealed class TieredPublishedStoreTests(RedisServerFixture redis) : SharedPublishedStoreConformance, IClassFixture<RedisServerFixture>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();

    private protected override IPublishedStore NewReplica(IdempotencyOptions? options = null) => new TieredPublishedStore(
        new MemoryPublishedStore(options ?? Options, Metrics, TimeProvider.System, isInFrontOfShared: true), NewRedis(options));
}
