using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.Nethereum.DevChains;

namespace Xmtp.Gateway.AppHost.Anvil;

/// <summary>Health checks by the chain's state: an open port does not mean that the contracts are ready.</summary>
internal static class ChainCheck
{
    /// <summary>Makes a resource healthy when a query of the chain returns true.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="name">The resource's name, from which the name of the check is made.</param>
    /// <param name="anvil">The chain.</param>
    /// <param name="otherwise">The description while the query returns false.</param>
    /// <param name="ask">The query.</param>
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
#pragma warning disable CA1031 // After any error the chain is not ready.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                return HealthCheckResult.Unhealthy(exception.Message);
            }
        });
        return builder.WithHealthCheck($"{name}_chain");
    }
}
