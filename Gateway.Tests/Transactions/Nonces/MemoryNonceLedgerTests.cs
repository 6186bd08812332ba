using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.Transactions.Nonces;

public sealed class MemoryNonceLedgerTests : NonceLedgerConformance
{
    private readonly FakeTimeProvider time = new();
    private INonceLedger? ledger;

    // One process is all the replicas that memory has.
    protected override INonceLedger NewReplica(NonceLedgerOptions? options = null) => ledger ??= new MemoryNonceLedger(options ?? Plain, time);

    protected override Task PassAsync(TimeSpan time)
    {
        this.time.Advance(time);
        return Task.CompletedTask;
    }
}
