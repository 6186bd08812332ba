using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Authorization.Limits;

/// <summary>Replicas that take the gateway's limits from a real Redis in portions of a tenth.</summary>
public sealed class PortionTests : IAsyncLifetime
{
    private const int Percent = 10;
    private const long Portion = 100;
    private static readonly SpendCounter Budget = new(
        new Budget(new Picodollars(1000), BudgetPeriod.Day) { Scope = LimitScope.WholeGateway }, 0);
    private static readonly SpendCounter Monthly = new(
        new Budget(new Picodollars(1000), BudgetPeriod.Month) { Scope = LimitScope.WholeGateway }, 0);
    private static readonly TokenBucket Rate = new(
        new RateLimit(1000, TimeSpan.FromDays(7)) { Scope = LimitScope.WholeGateway }, 0);
    private static readonly TokenBucket Own = new(new RateLimit(5, TimeSpan.FromDays(7)), 0);
    private readonly FakeTimeProvider _time = new();
    private RedisServer _server = null!;
    private ConnectionMultiplexer _connection = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await RedisServer.StartAsync();
        _connection = await _server.ConnectAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _server.DisposeAsync();
    }

    private PortionedUsageLimitStore Replica(StoreUnavailablePolicy policy = StoreUnavailablePolicy.Closed)
    {
        var redis = new RedisUsageLimitStore(
            () => Task.FromResult<IDatabaseAsync>(_connection.GetDatabase()), "portions:", TimeSpan.FromSeconds(10), TimeProvider.System);
        var guarded = new GuardedUsageLimitStore(redis, policy, TimeProvider.System, null, NullLogger<GuardedUsageLimitStore>.Instance);
        return new PortionedUsageLimitStore(guarded, redis, Percent, _time);
    }

    private static UsageLimitCharge Of(UsageLimit limit, long cost) => new(limit, UsageLimitKey.Of(limit, ""), cost);

    private static UsageLimitCharge OfClient(long cost) => new(Own, UsageLimitKey.Of(Own, "a"), cost);

    private static async Task<UsageLimitOutcome> TakeAsync(IUsageLimitStore replica, params UsageLimitCharge[] charges) =>
        (await replica.TakeAsync(charges, Cancel)).Outcome;

    private async Task<long> SpentAsync(UsageLimit limit) => long.Parse(
        $"{await _connection.GetDatabase().StringGetAsync("portions:{limits}:" + UsageLimitKey.Of(limit, ""))}",
        CultureInfo.InvariantCulture);

    // Takes one after the other until nothing is left for it.
    private static async Task<int> SpendAllAsync(IUsageLimitStore replica, UsageLimit limit)
    {
        var taken = 0;
        while (await TakeAsync(replica, Of(limit, 1)) == UsageLimitOutcome.Taken) taken++;
        return taken;
    }

    [Fact]
    public async Task A_portion_is_taken_once_and_serves_the_publishes_after_it_without_Redis()
    {
        var replica = Replica();
        for (var i = 0; i < 10; i++) Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 10)));
        Assert.Equal(Portion, await SpentAsync(Budget));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 10)));
        Assert.Equal(2 * Portion, await SpentAsync(Budget));
    }

    [Fact]
    public async Task Replicas_spend_exactly_the_budget_together()
    {
        var replicas = Enumerable.Range(0, 3).Select(_ => Replica()).ToList();
        var taken = await Task.WhenAll(replicas.SelectMany(replica => Enumerable.Range(0, 8).Select(_ => SpendAllAsync(replica, Budget))));
        Assert.Equal(1000, taken.Sum());
        Assert.Equal(1000, await SpentAsync(Budget));
    }

    [Fact]
    public async Task What_costs_more_than_a_portion_is_taken_as_a_whole()
    {
        var replica = Replica();
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 150)));
        Assert.Equal(150, await SpentAsync(Budget));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 850)));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(replica, Of(Budget, 1)));
    }

    [Fact]
    public async Task A_replica_that_is_killed_leaves_one_portion_charged_and_no_more()
    {
        var (killed, other) = (Replica(), Replica());
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(killed, Of(Budget, 30)));
        Assert.Equal(1000 - Portion, await SpendAllAsync(other, Budget));
    }

    [Fact]
    public async Task A_replica_that_stops_gives_its_portion_back()
    {
        var (stopped, other) = (Replica(), Replica());
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(stopped, Of(Budget, 30)));
        await stopped.CloseAsync();
        Assert.Equal(30, await SpentAsync(Budget));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(stopped, Of(Budget, 20)));
        Assert.Equal(50, await SpentAsync(Budget));
        Assert.Equal(950, await SpendAllAsync(other, Budget));
    }

    [Fact]
    public async Task A_refusal_by_the_limit_of_the_client_takes_nothing_from_the_portion()
    {
        var replica = Replica();
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, OfClient(5), Of(Budget, 40)));
        for (var i = 0; i < 5; i++)
        {
            var answer = await replica.TakeAsync([Of(Budget, 40), OfClient(1)], Cancel);
            Assert.Equal((UsageLimitOutcome.Over, 1), (answer.Outcome, answer.Index));
        }

        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 60)));
        Assert.Equal(Portion, await SpentAsync(Budget));
    }

    [Fact]
    public async Task What_was_not_sent_goes_back_to_the_budget()
    {
        var (replica, other) = (Replica(), Replica());
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 10)));
        var taken = await replica.TakeAsync([Of(Budget, 90)], Cancel);
        Assert.True(await taken.By!.RefundAsync([Of(Budget, 90)], taken.At));
        Assert.Equal(10, await SpentAsync(Budget));
        Assert.Equal(990, await SpendAllAsync(other, Budget));
    }

    [Fact]
    public async Task Without_Redis_what_is_in_hand_is_used_and_no_more()
    {
        var replica = Replica();
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 10)));
        await _server.KillAsync();
        for (var i = 0; i < 9; i++) Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 10)));
        Assert.Equal(UsageLimitOutcome.Unavailable, await TakeAsync(replica, Of(Budget, 10)));

        await _server.RestartAsync();
        await Eventually.IsAsync(
            async () => await TakeAsync(replica, Of(Budget, 10)) == UsageLimitOutcome.Taken, "the replica takes a portion of Redis again");
        Assert.Equal(Portion, await SpentAsync(Budget));
    }

    [Fact]
    public async Task What_the_replica_counts_for_itself_without_Redis_is_not_kept_for_later()
    {
        var replica = Replica(StoreUnavailablePolicy.Local);
        await _server.KillAsync();
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 10)));
        await _server.RestartAsync();
        await Eventually.IsAsync(
            async () =>
            {
                await TakeAsync(replica, Of(Budget, 10));
                return await _connection.GetDatabase().KeyExistsAsync("portions:{limits}:" + UsageLimitKey.Of(Budget, ""));
            },
            "the replica takes a portion of Redis");
        Assert.Equal(Portion, await SpentAsync(Budget));
    }

    [Fact]
    public async Task A_daily_portion_ends_with_its_day_and_a_monthly_one_continues()
    {
        var replica = Replica();
        var taken = await replica.TakeAsync([Of(Budget, 10), Of(Monthly, 10)], Cancel);
        var rest = TimeSpan.FromMilliseconds(CalendarWindow.End(BudgetPeriod.Day, taken.At) - taken.At);
        // On the last day of a month both end.
        var isLastDay = CalendarWindow.End(BudgetPeriod.Day, taken.At) == CalendarWindow.End(BudgetPeriod.Month, taken.At);
        _time.Advance(rest - TimeSpan.FromSeconds(1));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 10), Of(Monthly, 10)));
        Assert.Equal((Portion, Portion), (await SpentAsync(Budget), await SpentAsync(Monthly)));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Budget, 10), Of(Monthly, 10)));
        Assert.Equal((2 * Portion, isLastDay ? 2 * Portion : Portion), (await SpentAsync(Budget), await SpentAsync(Monthly)));
    }

    [Fact]
    public async Task The_portion_of_a_day_that_is_over_charges_nothing_to_the_next_one()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2028, 2, 28, 23, 0, 0, TimeSpan.Zero));
        var memory = new MemoryUsageLimitStore(time);
        IUsageLimitStore[] replicas = [new PortionedUsageLimitStore(memory, memory, Percent, time), memory];
        Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replicas[0], Of(Budget, 10)));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1000, await SpendAllAsync(replicas[1], Budget));
        Assert.Equal(UsageLimitOutcome.Over, await TakeAsync(replicas[0], Of(Budget, 10)));
    }

    [Fact]
    public async Task A_rate_limit_is_exceeded_by_one_portion_of_each_replica_at_most()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        var memory = new MemoryUsageLimitStore(time);
        var replicas = Enumerable.Range(0, 3).Select(_ => new PortionedUsageLimitStore(memory, memory, Percent, time)).ToList();
        foreach (var replica in replicas) Assert.Equal(UsageLimitOutcome.Taken, await TakeAsync(replica, Of(Rate, 1)));
        // The bucket is full again, and each replica has a portion less one in hand.
        time.Advance(TimeSpan.FromDays(7));
        var taken = 0;
        foreach (var replica in replicas) taken += await SpendAllAsync(replica, Rate);
        Assert.Equal(1000 + (3 * ((int)Portion - 1)), taken);
    }

    [Fact]
    public async Task A_portion_that_many_need_is_taken_once()
    {
        var replica = Replica();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TakeAsync(replica, Of(Budget, 1))));
        Assert.All(outcomes, outcome => Assert.Equal(UsageLimitOutcome.Taken, outcome));
        Assert.InRange(await SpentAsync(Budget), Portion, Portion + 19);
    }
}
