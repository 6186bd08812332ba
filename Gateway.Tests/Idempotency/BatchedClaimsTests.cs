using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Idempotency;

/// <summary>What many callers ask of Redis at once goes together.</summary>
public sealed class BatchedClaimsTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>, IAsyncDisposable
{
    private const int Callers = 1_000;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly string _prefix = $"test-{Guid.NewGuid():N}:";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    [Fact]
    public async Task Claims_and_results_of_many_callers_at_once_are_few_requests_and_each_gets_its_own()
    {
        await using var connection = await redis.Server.ConnectAsync();
        var session = new ProfilingSession();
        connection.RegisterProfiler(() => session);
        using var store = Store(connection);
        var keys = Enumerable.Range(0, Callers).Select(i => EnvelopeKey.OnChain(BitConverter.GetBytes(i))).ToList();

        var first = await Task.WhenAll(keys.Select((key, i) => store.ClaimAsync(key, (ulong)i, Cancel).AsTask()));
        var second = await Task.WhenAll(keys.Select((key, i) => store.ClaimAsync(key, (ulong)(Callers + i), Cancel).AsTask()));
        await Task.WhenAll(
            keys.Select((key, i) => store.EndAsync(key, (ulong)i, PublishedAnswer.Of(BitConverter.GetBytes(i), [])).AsTask()));
        var third = await Task.WhenAll(keys.Select((key, i) => store.ClaimAsync(key, (ulong)i, Cancel).AsTask()));

        Assert.All(first, claim => Assert.Equal(ClaimState.Mine, claim.State));
        Assert.All(second, claim => Assert.Equal(ClaimState.Busy, claim.State));
        Assert.Equal(Enumerable.Range(0, Callers), third.Select(claim => BitConverter.ToInt32(claim.Answer.Restore([]))));
        Assert.InRange(session.FinishProfiling().Count(), 4, Callers);
    }

    [Fact]
    public async Task Claims_of_a_batch_are_one_request_and_so_are_its_results()
    {
        await using var connection = await redis.Server.ConnectAsync();
        var session = new ProfilingSession();
        // No renewal is among them.
        var options = new IdempotencyOptions { Lease = TimeSpan.FromHours(1), StoreTimeout = TimeSpan.FromSeconds(30) };
        using var store = Store(connection, options);
        foreach (var batch in Enumerable.Range(0, 2).Select(
            half => Enumerable.Range(half * 50, 50).Select(i => EnvelopeKey.OnChain(BitConverter.GetBytes(i))).ToList()))
        {
            Assert.All(await store.ClaimAsync(batch, 1, Cancel), claim => Assert.Equal(ClaimState.Mine, claim.State));
            await store.EndAsync([.. batch.Select(key => new EndedClaim(key, PublishedAnswer.Of(new byte[] { 1 }, [2]), null))], 1);
            // The server has the scripts from the first half.
            connection.RegisterProfiler(() => session);
        }

        Assert.Equal(["EVALSHA", "EVALSHA"], session.FinishProfiling().Select(command => command.Command));
    }

    [Fact]
    public async Task Claims_of_ten_thousand_envelopes_that_failed_are_ended_in_few_requests()
    {
        const int Failed = 10_000;
        await using var connection = await redis.Server.ConnectAsync();
        await using var admin = await redis.Server.ConnectAsync();
        var session = new ProfilingSession();
        // No renewal is among them.
        var options = new IdempotencyOptions { Lease = TimeSpan.FromHours(1), StoreTimeout = TimeSpan.FromSeconds(30) };
        using var store = Store(connection, options);
        await LoadScriptsAsync(store);
        var keys = Enumerable.Range(0, Failed).Select(i => EnvelopeKey.OnChain(BitConverter.GetBytes(i))).ToList();
        Assert.All(await store.ClaimAsync(keys, 1, Cancel), claim => Assert.Equal(ClaimState.Mine, claim.State));

        connection.RegisterProfiler(() => session);
        await Task.WhenAll(keys.Select(key => store.EndAsync(key, 1, null).AsTask()));

        Assert.Equal(0, await CountAsync(admin));
        Assert.InRange(session.FinishProfiling().Count(), Failed / 500, Failed / 50);
    }

    [Fact]
    public async Task Claims_of_a_batch_whose_caller_leaves_before_they_are_answered_are_ended_in_few_requests()
    {
        const int Left = 2_000;
        await using var admin = await redis.Server.ConnectAsync();
        await using var connection = await redis.Server.ConnectAsync();
        var session = new ProfilingSession();
        var options = new IdempotencyOptions { StoreTimeout = TimeSpan.FromSeconds(30) };
        using var store = new TieredPublishedStore(
            new MemoryPublishedStore(options, Metrics, TimeProvider.System, isInFrontOfShared: true), Store(connection, options));
        await LoadScriptsAsync(store);
        connection.RegisterProfiler(() => session);
        var keys = Enumerable.Range(0, Left).Select(i => EnvelopeKey.OnChain(BitConverter.GetBytes(i))).ToList();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await admin.GetDatabase().ExecuteAsync("CLIENT", "PAUSE", "600000", "WRITE");
        var claiming = store.ClaimAsync(keys, 1, cancellation.Token).AsTask();
        await cancellation.CancelAsync();
        await admin.GetDatabase().ExecuteAsync("CLIENT", "UNPAUSE");

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claiming);

        await Eventually.IsAsync(async () => await CountAsync(admin) == 0, "none is left");
        Assert.InRange(session.FinishProfiling().Count(), 1, Left / 10);
    }

    [Fact]
    public async Task Callers_that_leave_while_their_claims_wait_or_are_not_answered_leave_no_claim()
    {
        await using var proxy = new TcpFaultProxy(redis.Server.Port);
        await using var admin = await redis.Server.ConnectAsync();
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{proxy.Port}");
        using var store = Store(connection);
        Assert.Equal(ClaimState.Mine, (await store.ClaimAsync(EnvelopeKey.OnChain([0]), 1, Cancel)).State);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        proxy.Mode = ProxyMode.LoseAnswers;
        var claims = Enumerable.Range(1, 50)
            .Select(i => store.ClaimAsync(EnvelopeKey.OnChain([(byte)i]), (ulong)i, cancellation.Token).AsTask())
            .ToList();
        await Eventually.IsAsync(async () => await CountAsync(admin) > 1, "some are claimed");
        await cancellation.CancelAsync();
        foreach (var claim in claims) await Assert.ThrowsAnyAsync<OperationCanceledException>(() => claim);
        proxy.Mode = ProxyMode.Pass;
        await Eventually.IsAsync(async () => await CountAsync(admin) == 1, "only the first is left");
    }

    [Fact]
    public async Task Charges_of_many_callers_at_once_are_few_requests_and_take_no_more_than_there_is()
    {
        await using var connection = await redis.Server.ConnectAsync();
        var session = new ProfilingSession();
        connection.RegisterProfiler(() => session);
        var store = new RedisUsageLimitStore(
            () => Task.FromResult<IDatabaseAsync>(connection.GetDatabase()), _prefix, TimeSpan.FromSeconds(30), TimeProvider.System);
        var (limit, budget) = (new TokenBucket(
            new RateLimit(Callers / 2, TimeSpan.FromHours(24)), 0), new SpendCounter(new Budget(new(1_000_000), BudgetPeriod.Month), 0));

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => store.TakeAsync(
            [new UsageLimitCharge(limit, "all", 1), new UsageLimitCharge(budget, $"one of {i % 7}", 5)], Cancel).AsTask()));

        Assert.Equal(Callers / 2, answers.Count(answer => answer.Outcome == UsageLimitOutcome.Taken));
        Assert.All(answers.Where(answer => answer.Outcome == UsageLimitOutcome.Over), answer => Assert.Equal(0, answer.Index));
        Assert.InRange(session.FinishProfiling().Count(), 1, Callers / 2);
    }

    private IdempotencyMetrics Metrics => new(_services.GetRequiredService<IMeterFactory>());

    private RedisPublishedStore Store(ConnectionMultiplexer connection, IdempotencyOptions? options = null) =>
        new(() => connection.GetDatabase(), _prefix, options ?? new IdempotencyOptions(), Metrics, TimeProvider.System);

    // The server does not know a script before its first call: concurrent first calls would each send all their keys twice.
    private static async Task LoadScriptsAsync(IPublishedStore store)
    {
        EnvelopeKey[] keys = [EnvelopeKey.OnChain([0])];
        Assert.All(await store.ClaimAsync(keys, 1, Cancel), claim => Assert.Equal(ClaimState.Mine, claim.State));
        await store.EndAsync(keys[0], 1, null);
    }

    private async Task<int> CountAsync(ConnectionMultiplexer admin)
    {
        var count = 0;
        await foreach (var _ in admin.GetServers()[0].KeysAsync(pattern: _prefix + "*")) count++;
        return count;
    }
}
