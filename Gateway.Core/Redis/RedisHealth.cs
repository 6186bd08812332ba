using System.Diagnostics;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StackExchange.Redis;

namespace Xmtp.Gateway.Redis;

/// <summary>The shared store answers. Without it the gateway is degraded and still ready: nodes are published to, and replicas that all went away with it would help nobody.</summary>
internal sealed class RedisHealth(RedisConnection connection, TimeProvider time) : IHealthCheck
{
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Activity.Current = null; // whoever asks for health is not traced, and the ping alone would be a trace of its own
        try
        {
            await connection.Database.PingAsync().WaitAsync(LongestAnswer, time, cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception error) when (error is RedisException or TimeoutException or ObjectDisposedException)
        {
            return HealthCheckResult.Degraded("the shared store does not answer");
        }
    }
}
