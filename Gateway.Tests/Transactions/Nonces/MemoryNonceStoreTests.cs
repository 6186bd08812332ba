using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.Transactions.Nonces;

public sealed class MemoryNonceStoreTests : NonceStoreConformance
{
    private readonly FakeTimeProvider time = new();
    private INonceStore? store;

    // One process is all the replicas that memory has.
    protected override INonceStore NewReplica(NonceStoreOptions? options = null) => store ??= new MemoryNonceStore(options ?? Plain, time);

    protected override Task PassAsync(TimeSpan time)
    {
        this.time.Advance(time);
        return Task.CompletedTask;
    }
}
