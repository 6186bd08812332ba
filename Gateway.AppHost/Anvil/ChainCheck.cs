using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.Nethereum.DevChains;

namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>Health that is read from the chain: a port that answers says nothing about the contracts behind it.</summary>
internal static class ChainCheck
{
    /// <summary>Makes a resource healthy when a question about the chain is answered with yes.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The resource's name, for the check's own.</param>
    /// <param name="anvil">The chain.</param>
    /// <param name="otherwise">What is said while the answer is no.</param>
    /// <param name="ask">The question.</param>
    public static IResourceBuilder<T> WithChainCheck<T>(
        this IResourceBuilder<T> builder,
        string name,
        IAnvilResource anvil,
        string otherwise,
        Func<DevChain, CancellationToken, Task<bool>> ask)
        where T : IResource
    {
        builder.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck($"{name}_chain", async stoppingToken =>
        {
            try
            {
                return await anvil.OnChainAsync(ask, stoppingToken) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(otherwise);
            }
#pragma warning disable CA1031 // Whatever an unfinished chain answers with: it is not ready.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return HealthCheckResult.Unhealthy(exception.Message);
            }
        });
        return builder.WithHealthCheck($"{name}_chain");
    }
}
