using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Idempotency;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.Redis;

/// <summary>A process that did not run for a while does not take Redis for unavailable.</summary>
public sealed class StarvedProcessTests(RedisServerFixture redis) : IClassFixture<RedisServerFixture>
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_claim_is_answered_after_the_process_did_not_run_for_longer_than_the_timeout()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var time = new TimersSeen();
        await using var connection = await redis.Server.ConnectAsync();
        using var store = new RedisPublishedStore(
            () => connection.GetDatabase(),
            $"{Guid.NewGuid():N}:",
            new IdempotencyOptions { StoreTimeout = Timeout },
            new IdempotencyMetrics(services.GetRequiredService<IMeterFactory>()),
            time);
        var claim = await RunAsync(time, () => store.ClaimAsync(EnvelopeKey.OnChain([1]), 1, Cancel).AsTask());
        Assert.Equal(ClaimState.Mine, claim.State);
    }

    [Fact]
    public async Task A_nonce_store_is_answered_after_the_process_did_not_run_for_longer_than_the_timeout()
    {
        var time = new TimersSeen();
        await using var connection = await redis.Server.ConnectAsync();
        var store = new RedisNonceStore(
            connection.GetDatabase(),
            $"{Guid.NewGuid():N}:",
            new NonceStream(1, new EthereumAddress(new byte[20])),
            new NonceStoreOptions { StoreTimeout = Timeout },
            time);
        Assert.NotEqual(NonceStoreStatus.Unavailable, await RunAsync(time, () => store.ReleaseAsync(1, "owner", Cancel).AsTask()));
    }

    [Fact]
    public async Task A_claim_whose_answer_is_read_after_its_lease_is_not_sure_although_others_were_renewed_meanwhile()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var (time, options) = (new TimersSeen(), new IdempotencyOptions { StoreTimeout = Timeout });
        await using var connection = await redis.Server.ConnectAsync();
        using var store = new RedisPublishedStore(
            () => connection.GetDatabase(),
            $"{Guid.NewGuid():N}:",
            options,
            new IdempotencyMetrics(services.GetRequiredService<IMeterFactory>()),
            time);
        var (renewed, late) = (EnvelopeKey.OnChain([1]), EnvelopeKey.OnChain([2]));
        Assert.Equal(ClaimState.Mine, (await store.ClaimAsync(renewed, 1, Cancel)).State);
        Assert.True(store.AreSure);

        var claim = await RunAsync(time, () => store.ClaimAsync(late, 2, Cancel).AsTask(), options.Lease + Timeout);
        Assert.Equal(ClaimState.Mine, claim.State);
        Assert.False(store.IsSure(late));
        Assert.False(store.AreSure);
        await Eventually.IsAsync(() => store.IsSure(renewed), "the other one is renewed");
        Assert.False(store.AreSure);
    }

    // Redis is stopped so that no answer is there when the clock of the wait jumps ahead, as after a pause of the process.
    private async Task<T> RunAsync<T>(TimersSeen time, Func<Task<T>> ask, TimeSpan? pause = null)
    {
        time.Forget();
        await redis.Server.StopAsync();
        var asked = ask();
        await time.NextAsync(Timeout, Cancel);
        time.Advance(pause ?? 2 * Timeout);
        await Task.WhenAny(asked, time.NextAsync(Timeout, Cancel));
        await redis.Server.ContinueAsync();
        return await asked;
    }

    /// <summary>A clock that tells which timers were created.</summary>
    private sealed class TimersSeen : FakeTimeProvider
    {
        private readonly Channel<TimeSpan> _seen = Channel.CreateUnbounded<TimeSpan>();

        public void Forget()
        {
            while (_seen.Reader.TryRead(out _))
            {
            }
        }

        public async Task NextAsync(TimeSpan due, CancellationToken cancellationToken)
        {
            while (await _seen.Reader.ReadAsync(cancellationToken) != due)
            {
            }
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            _seen.Writer.TryWrite(dueTime);
            return timer;
        }
    }
}
