using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.Transactions.Nonces;

public sealed class MemoryNonceStoreTests : NonceStoreConformance
{
    private readonly FakeTimeProvider _time = new();
    private INonceStore? _store;

    // One process is all the replicas that memory has.
    protected override INonceStore NewReplica(NonceStoreOptions? options = null) =>
        _store ??= new MemoryNonceStore(options ?? Plain, _time);

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}
