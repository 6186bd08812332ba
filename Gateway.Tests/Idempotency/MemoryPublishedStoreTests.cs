using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Idempotency;

namespace Xmtp.Gateway.Tests.Idempotency;

public sealed class MemoryPublishedStoreTests : PublishedStoreConformance, IDisposable
{
    private readonly ServiceProvider services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider time = new();

    private protected override IPublishedStore NewReplica() => NewStore(Options);

    private MemoryPublishedStore NewStore(IdempotencyOptions options) => new(options, new IdempotencyMetrics(services.GetRequiredService<IMeterFactory>()), time);

    private protected override Task PassAsync(TimeSpan time)
    {
        this.time.Advance(time);
        return Task.CompletedTask;
    }

    public void Dispose() => services.Dispose();

    [Fact]
    public async Task Beyond_its_capacity_the_oldest_results_are_forgotten()
    {
        var store = NewStore(new IdempotencyOptions { Capacity = 10 });
        for (var i = 0; i < 30; i++)
        {
            await ClaimAsync(store, EnvelopeKey.OnChain([(byte)i]), 1);
            await store.EndAsync(EnvelopeKey.OnChain([(byte)i]), 1, PublishedAnswer.Of([1], [2]));
        }

        Assert.Equal(ClaimState.Mine, await ClaimAsync(store, EnvelopeKey.OnChain([19]), 2));
        Assert.Equal(ClaimState.Published, await ClaimAsync(store, EnvelopeKey.OnChain([20]), 2));
    }
}
