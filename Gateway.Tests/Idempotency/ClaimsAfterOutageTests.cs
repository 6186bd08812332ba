using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using StackExchange.Redis;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Idempotency;

/// <summary>Redis answers again after it did not, or the process itself runs again after it did not.</summary>
public sealed class ClaimsAfterOutageTests : IAsyncLifetime
{
    private static readonly EnvelopeKey First = EnvelopeKey.OnChain([1]);
    private static readonly EnvelopeKey Second = EnvelopeKey.OnChain([2]);
    private static readonly EnvelopeKey Third = EnvelopeKey.OnChain([3]);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly List<RedisPublishedStore> _stores = [];
    private RedisServer _redis = null!;
    private ConnectionMultiplexer _connection = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _redis = await RedisServer.StartAsync();
        _connection = await ConnectAsync(TimeSpan.FromMinutes(1));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var store in _stores) store.Dispose();
        await _connection.DisposeAsync();
        await _redis.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public async Task A_store_that_answers_a_late_call_is_used_again_at_once()
    {
        var store = Store(new StoppedClock());
        await HangAsync(store);
        Assert.Equal(ClaimState.Unanswered, await ClaimAsync(store, Second, 2));
        await _redis.ContinueAsync();
        await Eventually.IsAsync(async () => await ClaimAsync(store, Third, 3) == ClaimState.Mine, "claims are answered again");
    }

    [Fact]
    public async Task Publishes_during_a_store_outage_are_known_to_other_replicas_when_it_ends()
    {
        var (store, other) = (Store(new StoppedClock()), Store(TimeProvider.System));
        await HangAsync(store);
        Assert.Equal(ClaimState.Unanswered, await ClaimAsync(store, Second, 2));
        Assert.Equal(ClaimState.Unanswered, await ClaimAsync(store, Third, 3));
        await store.EndAsync(Third, 3, PublishedAnswer.Of(new byte[] { 1, 2, 3 }, [2]));
        await _redis.ContinueAsync();
        foreach (var key in new[] { Second, Third })
            await Eventually.IsAsync(() => _connection.GetDatabase().KeyExistsAsync($"outage:{key}"), "it is in the store");
        Assert.Equal(ClaimState.Busy, await ClaimAsync(other, Second, 1));
        await Eventually.IsAsync(async () => await ClaimAsync(other, Third, 1) == ClaimState.Published, "the result is in the store");
    }

    [Fact]
    public async Task A_claim_that_timed_out_in_the_client_while_the_process_did_not_run_is_made_again()
    {
        await using var impatient = await ConnectAsync(TimeSpan.FromSeconds(5));
        var (clock, asked, again) = (new MovedClock(), 0, new TaskCompletionSource());
        var store = Store(clock, TimeSpan.FromSeconds(30), () =>
        {
            if (Interlocked.Increment(ref asked) == 2) again.TrySetResult();
            return impatient.GetDatabase();
        });
        await _redis.StopAsync();
        var claiming = ClaimAsync(store, First, 1);
        clock.Move(TimeSpan.FromMinutes(1));
        await Task.WhenAny(claiming, again.Task);
        await _redis.ContinueAsync();
        Assert.Equal(ClaimState.Mine, await claiming);
    }

    // Until the store answers again, it is not asked: the clock of the pause stands still.
    private async Task HangAsync(RedisPublishedStore store)
    {
        await _redis.StopAsync();
        Assert.Equal(ClaimState.Unanswered, await ClaimAsync(store, First, 1));
    }

    private static async Task<ClaimState> ClaimAsync(RedisPublishedStore store, EnvelopeKey key, ulong owner) =>
        (await store.ClaimAsync(key, owner, Cancel)).State;

    private Task<ConnectionMultiplexer> ConnectAsync(TimeSpan timeout) =>
        ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{_redis.Port},abortConnect=false,asyncTimeout={timeout.TotalMilliseconds}");

    // No renewal comes within the test.
    private RedisPublishedStore Store(TimeProvider time, TimeSpan? timeout = null, Func<IDatabaseAsync>? connect = null)
    {
        var store = new RedisPublishedStore(
            connect ?? (() => _connection.GetDatabase()),
            "outage:",
            new IdempotencyOptions { Lease = TimeSpan.FromHours(1), StoreTimeout = timeout ?? TimeSpan.FromSeconds(1) },
            new IdempotencyMetrics(_services.GetRequiredService<IMeterFactory>()),
            time);
        _stores.Add(store);
        return store;
    }

    /// <summary>No time passes for who reads it. Timers run as they do.</summary>
    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
