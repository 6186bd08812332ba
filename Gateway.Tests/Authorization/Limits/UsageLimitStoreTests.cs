using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Authorization.Limits;

public sealed class MemoryUsageLimitStoreTests : UsageLimitStoreConformance
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2028, 2, 28, 13, 0, 0, TimeSpan.Zero));
    private MemoryUsageLimitStore? _store;

    // One process is all the replicas that memory has.
    internal override IUsageLimitStore NewReplica() => _store ??= new MemoryUsageLimitStore(_time);

    protected override Task<long> NowAsync() => Task.FromResult(_time.GetUtcNow().ToUnixTimeMilliseconds());

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task What_is_full_again_is_forgotten()
    {
        var (bucket, memory) = (new TokenBucket(new RateLimit(10, TimeSpan.FromSeconds(1)), 0), (MemoryUsageLimitStore)NewReplica());
        for (var i = 0; i < 20_000; i++)
        {
            await memory.TakeAsync([new UsageLimitCharge(bucket, $"client{i}", 1)], Cancel);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.InRange(memory.Count, 1, 2048);
    }

    [Fact]
    public async Task A_budget_resets_with_the_day_and_with_the_month()
    {
        var day = new SpendCounter(new Budget(new(10), BudgetPeriod.Day), 0);
        var month = new SpendCounter(new Budget(new(15), BudgetPeriod.Month), 0);
        var memory = NewReplica();
        async Task<UsageLimitOutcome> SpendAsync(long cost) =>
            (await memory.TakeAsync([new(day, "d", cost), new(month, "m", cost)], Cancel)).Outcome;
        Assert.Equal(UsageLimitOutcome.Taken, await SpendAsync(10));
        _time.Advance(TimeSpan.FromHours(11));
        Assert.Equal(UsageLimitOutcome.Taken, await SpendAsync(5));
        Assert.Equal(UsageLimitOutcome.Over, await SpendAsync(1));
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(UsageLimitOutcome.Taken, await SpendAsync(10));
    }
}

public abstract class SharedUsageLimitStoreConformance : UsageLimitStoreConformance, IAsyncLifetime
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}:";
    private readonly List<ConnectionMultiplexer> _connections = [];

    protected abstract Task<ConnectionMultiplexer> ConnectAsync();

    internal override IUsageLimitStore NewReplica() =>
        new RedisUsageLimitStore(
            () => Task.FromResult<IDatabaseAsync>(_connections[0].GetDatabase()), _prefix, TimeSpan.FromSeconds(30), TimeProvider.System);

    public async ValueTask InitializeAsync() => _connections.Add(await ConnectAsync());

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        foreach (var connection in _connections) await connection.DisposeAsync();
    }

    protected override async Task<long> NowAsync()
    {
        var parts = (RedisResult[])(await _connections[0].GetDatabase().ExecuteAsync("TIME"))!;
        return (long.Parse(parts[0].ToString(), CultureInfo.InvariantCulture) * 1000)
            + (long.Parse(parts[1].ToString(), CultureInfo.InvariantCulture) / 1000);
    }

    // The store's own clock decides, so the store's own clock is what is waited for.
    protected override async Task PassAsync(TimeSpan time)
    {
        var until = await NowAsync() + time.TotalMilliseconds;
        await Eventually.IsAsync(async () => await NowAsync() > until, "the time has passed");
    }

    [Fact]
    public async Task Keys_end_by_themselves_and_hold_no_identity()
    {
        var store = NewReplica();
        var client = UsageLimitKey.Of(new Xmtp.Gateway.Identity.ClientIdentity("jwt", "alice@example.org"));
        var (bucket, counter) = (new TokenBucket(
            new RateLimit(10, TimeSpan.FromHours(1)), 0), new SpendCounter(new Budget(new(10), BudgetPeriod.Month), 0));
        await store.TakeAsync(
            [new(bucket, UsageLimitKey.Of(bucket, client), 10), new(counter, UsageLimitKey.Of(counter, client), 1)], Cancel);
        var keys = new List<RedisKey>();
        await foreach (var key in _connections[0].GetServers()[0].KeysAsync(pattern: _prefix + "*")) keys.Add(key);
        Assert.Equal(2, keys.Count);
        foreach (var key in keys)
        {
            Assert.DoesNotContain("alice", key.ToString(), StringComparison.Ordinal);
            Assert.Contains("{limits}:", key.ToString(), StringComparison.Ordinal);
            Assert.InRange(
                (await _connections[0].GetDatabase().KeyTimeToLiveAsync(key))!.Value, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(31));
        }
    }
}

public sealed class RedisUsageLimitStoreTests(RedisServerFixture redis)
    : SharedUsageLimitStoreConformance, IClassFixture<RedisServerFixture>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => redis.Server.ConnectAsync();
}

public sealed class GarnetUsageLimitStoreTests(GarnetInProcess garnet) : SharedUsageLimitStoreConformance, IClassFixture<GarnetInProcess>
{
    protected override Task<ConnectionMultiplexer> ConnectAsync() => garnet.ConnectAsync();
}
