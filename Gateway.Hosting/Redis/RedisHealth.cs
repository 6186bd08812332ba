using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// Checks that the shared store responds and accepts the writes of a publish. Otherwise the gateway is degraded but
/// stays ready: publishing to nodes still works, and taking out all replicas at once would not help.
/// </summary>
internal sealed class RedisHealth(SharedStoreState state) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Activity.Current = null; // health requests are not traced, so the write would start a trace of its own
        var result = await state.CheckAsync(cancellationToken).ConfigureAwait(false);
        return result.Status switch
        {
            StoreStatus.Good => HealthCheckResult.Healthy(),
            StoreStatus.Full => HealthCheckResult.Degraded("the shared store is full: it refuses writes until it has more maxmemory"),
            StoreStatus.Unavailable => HealthCheckResult.Degraded("the shared store does not answer"),
            _ => HealthCheckResult.Degraded($"the shared store {result.Reason}"),
        };
    }
}
