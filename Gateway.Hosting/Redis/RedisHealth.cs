using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Xmtp.Gateway.Redis;

/// <summary>
/// The shared store answers and takes the writes of a publish. Otherwise the gateway is degraded and still ready: nodes
/// are published to, and replicas that all went away with it would help nobody.
/// </summary>
internal sealed class RedisHealth(SharedStoreState state) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Activity.Current = null; // whoever asks for health is not traced, and the write alone would be a trace of its own
        var result = await state.CheckAsync(cancellationToken).ConfigureAwait(false);
        return result.Status switch
        {
            StoreStatus.Good => HealthCheckResult.Healthy(),
            StoreStatus.Full => HealthCheckResult.Degraded("the shared store is full: it refuses writes until it has more maxmemory"),
            StoreStatus.Away => HealthCheckResult.Degraded("the shared store does not answer"),
            _ => HealthCheckResult.Degraded($"the shared store {result.Reason}"),
        };
    }
}
