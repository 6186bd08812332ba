using Microsoft.Extensions.Time.Testing;
using StackExchange.Redis;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Costs.Usage;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Costs;

/// <summary>What is kept of spending by identity and day, in memory and in Redis alike.</summary>
public abstract class UsageStoreConformance
{
    private static readonly DateOnly Day = new(2026, 11, 27);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected abstract IUsageStore NewStore();

    [Fact]
    public async Task Batches_add_up_by_identity_reason_and_day()
    {
        var store = NewStore();
        Assert.True(await store.AddAsync(Batch(Day, ("a", 1, 30), ("b", 2, 50)), 1, Cancel));
        Assert.True(await store.AddAsync(Batch(Day, ("a", 4, 7)), 2, Cancel));
        Assert.True(await store.AddAsync(Batch(Day.AddDays(1), ("a", 1, 1)), 3, Cancel));

        var read = (await store.ReadAsync(Day, Cancel))!;
        Assert.Equal((5, 37, 5), Figures(read["a"]));
        Assert.Equal((2, 50, 2), Figures(read["b"]));
        Assert.Equal(5, read["a"].Refusals["RATE_LIMITED"]);
        var days = (await store.ReadTotalsAsync(Cancel))!;
        Assert.Equal((7, 87, 7), Figures(days[Day]));
        Assert.Equal((1, 1, 1), Figures(days[Day.AddDays(1)]));
        Assert.Empty((await store.ReadAsync(Day.AddDays(2), Cancel))!);
    }

    [Fact]
    public async Task The_thousand_top_spenders_of_a_day_are_kept_and_the_others_are_summed()
    {
        var store = NewStore();
        const int Identities = 3_000;
        for (var (first, number) = (0, 1); first < Identities; first += 500, number++)
        {
            var batch = Batch(Day, [.. Enumerable.Range(first, 500).Select(i => ($"jwt:{i:D32}", 1, 1 + (long)i))]);
            Assert.True(await store.AddAsync(batch, number, Cancel));
        }

        var read = (await store.ReadAsync(Day, Cancel))!;
        Assert.InRange(read.Count, SpendLedger.KeptIdentities, 2 * SpendLedger.KeptIdentities);
        Assert.Equal((1, Identities, 1), Figures(read[$"jwt:{Identities - 1:D32}"]));
        Assert.DoesNotContain($"jwt:{0:D32}", read);
        Assert.Equal(Enumerable.Range(1, Identities).Sum(i => (long)i), (long)read.Values.Sum(used => (decimal)used.Fees.Value));
        Assert.Equal(Identities, read.Values.Sum(used => used.Messages));
        Assert.Equal(Identities, (await store.ReadTotalsAsync(Cancel))![Day].Messages);
    }

    [Fact]
    public async Task A_day_leaves_the_sums_after_ninety()
    {
        var store = NewStore();
        for (var i = 0; i <= SpendLedger.KeptDays; i++)
            Assert.True(await store.AddAsync(Batch(Day.AddDays(i), ("a", 1, 1)), i + 1, Cancel));
        var days = (await store.ReadTotalsAsync(Cancel))!;
        Assert.Equal(SpendLedger.KeptDays, days.Count);
        Assert.DoesNotContain(Day, days);
    }

    private protected static UsageBatch Batch(DateOnly day, params (string Name, int Messages, long Fees)[] used) => new(
        day,
        used.ToDictionary(one => one.Name, one =>
        {
            var figures = new UsageFigures();
            figures.Add(one.Messages, new Picodollars(one.Fees), new Picodollars(one.Messages));
            figures.Refuse("RATE_LIMITED", one.Messages);
            return figures;
        }));

    private protected static (long Messages, long Fees, long Gas) Figures(UsageFigures figures) =>
        (figures.Messages, (long)figures.Fees.Value, (long)figures.Gas.Value);
}

public sealed class MemoryUsageStoreTests : UsageStoreConformance
{
    private protected override IUsageStore NewStore() => new MemoryUsageStore(TimeProvider.System);

    [Fact]
    public async Task Memory_says_since_when_it_counts()
    {
        var time = new FakeTimeProvider();
        Assert.Equal(time.GetUtcNow(), new MemoryUsageStore(time).Since);
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_publish_and_a_refusal_are_counted_under_the_hash_of_the_identity()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 27, 23, 59, 58, TimeSpan.Zero));
        var (usage, store) = (new UsageCounter(time), new MemoryUsageStore(time));
        var ledger = new SpendLedger(time, usage);
        using var writer = new UsageWriter(usage, store, time);
        await writer.StartAsync(TestContext.Current.CancellationToken);
        var alice = new ClientIdentity("jwt", "alice");

        ledger.Record(alice, new SpendFigures(3, new(70), new(5), default));
        usage.Refused(alice, "BUDGET_SPENT");
        usage.Refused(null, "UNAUTHENTICATED");
        time.Advance(TimeSpan.FromSeconds(4));
        ledger.Record(alice, new SpendFigures(1, new(9), default, default));
        await writer.WriteAsync(TestContext.Current.CancellationToken);

        var name = $"jwt:{IdentityHash.Of(alice)}";
        var before = (await store.ReadAsync(new(2026, 11, 27), TestContext.Current.CancellationToken))!;
        Assert.Equal((3, 70, 5), Figures(before[name]));
        Assert.Equal(1, before[name].Refusals["BUDGET_SPENT"]);
        Assert.Equal(1, before["none"].Refusals["UNAUTHENTICATED"]);
        Assert.Equal((1, 9, 0), Figures((await store.ReadAsync(new(2026, 11, 28), TestContext.Current.CancellationToken))![name]));
    }

    [Fact]
    public void Reasons_and_identities_without_number_share_an_entry()
    {
        var usage = new UsageCounter(TimeProvider.System);
        usage.Open();
        for (var i = 0; i < 10_000; i++) usage.Refused(new ClientIdentity("jwt", $"{i}"), $"made up |{i}");
        var batch = Assert.Single(usage.Take());
        Assert.InRange(batch.Identities.Count, 1, 2_001);
        Assert.InRange(batch.Identities.Values.SelectMany(used => used.Refusals.Keys).Distinct().Count(), 1, 65);
        Assert.Equal(10_000, batch.Identities.Values.Sum(used => used.Refused));
        Assert.Empty(usage.Take());
    }
}

public sealed class RedisUsageStoreTests(RedisServerFixture redis)
    : UsageStoreConformance, IClassFixture<RedisServerFixture>, IAsyncLifetime
{
    private readonly string _prefix = $"test-{Guid.NewGuid():N}:";
    private ConnectionMultiplexer _connection = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _connection = await redis.Server.ConnectAsync();

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private protected override IUsageStore NewStore() => new RedisUsageStore(
        () => Task.FromResult<IDatabaseAsync>(_connection.GetDatabase()), _prefix, DevAccounts.Payer, TimeProvider.System);

    [Fact]
    public async Task Replicas_add_to_one_sum_that_survives_them_and_a_repeated_batch_counts_once()
    {
        var day = new DateOnly(2026, 11, 27);
        var (first, second) = (NewStore(), NewStore());
        for (var i = 0; i < 3; i++) Assert.True(await first.AddAsync(Batch(day, ("a", 1, 10)), 1, Cancel));
        Assert.True(await second.AddAsync(Batch(day, ("a", 1, 10)), 1, Cancel));

        var later = NewStore();
        Assert.Null(later.Since);
        Assert.Equal((2, 20, 2), Figures((await later.ReadAsync(day, Cancel))!["a"]));
        Assert.Equal((2, 20, 2), Figures((await later.ReadTotalsAsync(Cancel))![day]));
    }

    [Fact]
    public async Task What_was_not_stored_in_an_outage_is_stored_once_after_it()
    {
        await using var server = await RedisServer.StartAsync();
        await using var connection = await server.ConnectAsync();
        var usage = new UsageCounter(TimeProvider.System);
        usage.Open();
        var store = new RedisUsageStore(
            () => Task.FromResult<IDatabaseAsync>(connection.GetDatabase()), "x:", DevAccounts.Payer, TimeProvider.System);
        using var writer = new UsageWriter(usage, store, TimeProvider.System);

        await server.StopAsync();
        usage.Refused(new ClientIdentity("jwt", "alice"), "RATE_LIMITED");
        await writer.WriteAsync(Cancel);
        await writer.WriteAsync(Cancel);
        await server.ContinueAsync();

        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime);
        await Eventually.IsAsync(
            async () =>
            {
                await writer.WriteAsync(Cancel);
                return (await store.ReadTotalsAsync(Cancel)) is { Count: > 0 };
            },
            "Redis has it");
        Assert.Equal(1, (await store.ReadTotalsAsync(Cancel))!.Values.Sum(used => used.Refused));
    }
}
