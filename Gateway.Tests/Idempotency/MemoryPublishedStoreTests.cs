using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Idempotency;

namespace Xmtp.Gateway.Tests.Idempotency;

public sealed class MemoryPublishedStoreTests : PublishedStoreConformance, IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _time = new();

    private protected override IPublishedStore NewReplica() => NewStore(Options);

    private MemoryPublishedStore NewStore(IdempotencyOptions options) =>
        new(options, new IdempotencyMetrics(_services.GetRequiredService<IMeterFactory>()), _time);

    private protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }

    public void Dispose() => _services.Dispose();

    [Fact]
    public async Task An_abandoned_claim_stands_until_the_window_has_passed()
    {
        var store = NewStore(Options);
        var key = EnvelopeKey.OnChain([1]);
        await ClaimAsync(store, key, 1);
        store.Abandon(key, 1);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(store, key, 2));
        var waits = store.WaitAsync([key], Cancel).AsTask();
        await PassAsync(Options.Window);
        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, key, 2));
        await waits;
    }

    [Fact]
    public async Task An_abandoned_claim_is_taken_over_by_the_process_that_took_its_transaction_over()
    {
        var store = NewStore(Options);
        var key = EnvelopeKey.OnChain([1]);
        await ClaimAsync(store, key, 1);
        Assert.Equal(ClaimState.Busy, (await store.SeizeAsync(key, 2, Cancel)).State);
        store.Abandon(key, 1);
        Assert.Equal(ClaimState.Mine, (await store.SeizeAsync(key, 2, Cancel)).State);
        await PassAsync(Options.Window);
        Assert.Equal(ClaimState.Busy, await ClaimAsync(store, key, 3));
        await store.EndAsync(key, 2, PublishedAnswer.Of(new byte[] { 1 }, [2]));
        Assert.Equal(ClaimState.Published, await ClaimAsync(store, key, 3));
    }

    [Fact]
    public async Task Beyond_its_capacity_the_oldest_results_are_forgotten()
    {
        var store = NewStore(new IdempotencyOptions { Capacity = 10 });
        for (var i = 0; i < 30; i++)
        {
            await ClaimAsync(store, EnvelopeKey.OnChain([(byte)i]), 1);
            await store.EndAsync(EnvelopeKey.OnChain([(byte)i]), 1, PublishedAnswer.Of(new byte[] { 1 }, [2]));
        }

        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, EnvelopeKey.OnChain([19]), 2));
        Assert.Equal(ClaimState.Published, await ClaimAsync(store, EnvelopeKey.OnChain([20]), 2));
    }

    [Fact]
    public async Task Whatever_is_remembered_is_remembered_exactly_while_older_results_go()
    {
        const int Capacity = 300;
        var store = NewStore(new IdempotencyOptions { Capacity = Capacity });
        byte[] Result(int i) => [.. Enumerable.Range(0, i % 50 == 0 ? 200_000 : i).Select(n => (byte)(n * i)), 2, (byte)i];
        for (var i = 0; i < 1000; i++)
        {
            await ClaimAsync(store, EnvelopeKey.OnChain(BitConverter.GetBytes(i)), 1);
            await store.EndAsync(EnvelopeKey.OnChain(BitConverter.GetBytes(i)), 1, PublishedAnswer.Of(Result(i), [2, (byte)i]));
        }

        for (var i = 1000 - Capacity; i < 1000; i++)
        {
            var claim = await store.ClaimAsync(EnvelopeKey.OnChain(BitConverter.GetBytes(i)), 2, Cancel);
            Assert.Equal(ClaimState.Published, claim.State);
            Assert.Equal(Result(i), claim.Answer.Restore([2, (byte)i]));
        }
    }
}
