using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs.Funds;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Costs;

/// <summary>What is kept of both funds by hour, in memory and in Redis alike.</summary>
public abstract class FundsHistoryConformance
{
    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract IFundsHistory NewHistory();

    [Fact]
    public async Task An_hour_has_the_last_reading_of_each_fund_whatever_is_known_of_the_other()
    {
        var history = NewHistory();
        Assert.Empty((await history.ReadAsync(Cancel))!);
        Assert.True(await history.AddAsync(null, null, Cancel));
        Assert.Empty((await history.ReadAsync(Cancel))!);
        Assert.True(await history.AddAsync(new Microdollars(-7), null, Cancel));
        Assert.True(await history.AddAsync(new Microdollars(-9), new Wei(UInt128.MaxValue), Cancel));
        Assert.True(await history.AddAsync(null, new Wei(3), Cancel));

        // The hour may have ended between two readings.
        var moments = (await history.ReadAsync(Cancel))!;
        Assert.InRange(moments.Count, 1, 2);
        Assert.Equal(new Microdollars(-9), moments.Last(moment => moment.Payer is not null).Payer);
        Assert.Equal(new Wei(3), moments.Last(moment => moment.Gas is not null).Gas);
        Assert.Equal((0, 0), (moments[^1].Hour.Minute, moments[^1].Hour.Second));
    }
}

public sealed class MemoryFundsHistoryTests : FundsHistoryConformance
{
    private protected override IFundsHistory NewHistory() => new MemoryFundsHistory(TimeProvider.System);

    [Fact]
    public async Task Memory_keeps_seven_days_and_says_since_when()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 27, 10, 30, 0, TimeSpan.Zero));
        var history = new MemoryFundsHistory(time);
        Assert.Equal(time.GetUtcNow(), history.Since);
        for (var hour = 0; hour < 200; hour++)
        {
            await history.AddAsync(new Microdollars(hour), null, Cancel);
            time.Advance(TimeSpan.FromHours(1));
        }

        var moments = (await history.ReadAsync(Cancel))!;
        Assert.Equal(7 * 24, moments.Count);
        Assert.Equal((32, 199), ((int)moments[0].Payer!.Value.Value, (int)moments[^1].Payer!.Value.Value));
        Assert.Equal(new DateTimeOffset(2026, 12, 5, 17, 0, 0, TimeSpan.Zero), moments[^1].Hour);
    }
}

public sealed class RedisFundsHistoryTests(RedisServerFixture redis)
    : FundsHistoryConformance, IClassFixture<RedisServerFixture>, IAsyncLifetime
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}:";
    private ConnectionMultiplexer _connection = null!;

    private string Key => $"{_prefix}{{funds}}:1:2:payer";

    public async ValueTask InitializeAsync() => _connection = await redis.Server.ConnectAsync();

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private protected override IFundsHistory NewHistory() => NewHistory("1:2:payer");

    [Fact]
    public async Task Replicas_share_the_hours_and_a_new_process_has_those_of_before_and_another_payer_has_none()
    {
        var (first, second) = (NewHistory(), NewHistory());
        Assert.Null(first.Since);
        await _connection.GetDatabase().HashSetAsync(Key, [Field("p", hoursAgo: 30, "500"), Field("g", hoursAgo: 30, "20")]);
        await first.AddAsync(new Microdollars(400), null, Cancel);
        await second.AddAsync(null, new Wei(10), Cancel);

        var moments = (await NewHistory().ReadAsync(Cancel))!;
        Assert.Equal((new Microdollars(500), new Wei(20)), (moments[0].Payer!.Value, moments[0].Gas!.Value));
        Assert.Equal(new Microdollars(400), moments.Last(moment => moment.Payer is not null).Payer);
        Assert.Equal(new Wei(10), moments.Last(moment => moment.Gas is not null).Gas);
        Assert.Empty((await NewHistory("1:2:other").ReadAsync(Cancel))!);
    }

    [Fact]
    public async Task Hours_older_than_seven_days_leave_and_fields_of_another_form_are_left_alone()
    {
        await _connection.GetDatabase().HashSetAsync(
            Key, [Field("p", hoursAgo: 169, "1"), Field("g", hoursAgo: 500, "1"), Field("p", hoursAgo: 160, "2"), new HashEntry("x", "y")]);
        await NewHistory().AddAsync(new Microdollars(3), null, Cancel);
        Assert.Equal([2, 3], (await NewHistory().ReadAsync(Cancel))!.Select(moment => (int)moment.Payer!.Value.Value));
        Assert.True(await _connection.GetDatabase().HashExistsAsync(Key, "x"));
        Assert.InRange((await _connection.GetDatabase().KeyTimeToLiveAsync(Key))!.Value, TimeSpan.FromDays(7), TimeSpan.FromDays(8));
    }

    [Fact]
    public async Task A_reading_that_Redis_did_not_take_is_told_and_written_with_the_next()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var history = new RedisFundsHistory(
            () => Task.FromResult<IDatabaseAsync>(connection.GetDatabase()), "x:", "1:2:payer", TimeProvider.System);
        await server.StopAsync();
        Assert.False(await history.AddAsync(new Microdollars(5), null, Cancel));
        Assert.Null(await history.ReadAsync(Cancel));
        await server.ContinueAsync();
        await Eventually.IsAsync(async () => await history.AddAsync(new Microdollars(5), null, Cancel), "Redis has it");
        Assert.Equal(new Microdollars(5), Assert.Single((await history.ReadAsync(Cancel))!).Payer);
    }

    private RedisFundsHistory NewHistory(string owner) =>
        new(() => Task.FromResult<IDatabaseAsync>(_connection.GetDatabase()), _prefix, owner, TimeProvider.System);

    private static HashEntry Field(string fund, int hoursAgo, string amount) =>
        new($"{fund}|{(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 3600) - hoursAgo}", amount);
}
