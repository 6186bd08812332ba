using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.AppChain;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Costs.Funds;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>
/// Reports the funds of each payer that has started, by name. One that is empty degrades the gateway, as no other replica has more money.
/// </summary>
internal sealed class PayersHealth(PayerSet payers) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        List<string> low = [];
        foreach (var payer in payers.Started)
        {
            var check = payer.Services.GetRequiredService<FundsHealth>();
            var found = await check.CheckHealthAsync(context, cancellationToken).ConfigureAwait(false);
            if (found.Status != HealthStatus.Healthy) low.Add($"{payer.Name}: {found.Description}");
        }

        return low.Count == 0 ? HealthCheckResult.Healthy() : HealthCheckResult.Degraded(string.Join("; ", low));
    }

    /// <summary>Why the App Chain accepts nothing from a payer, and for how long: of the payer for which it has lasted longest.</summary>
    internal static (RpcError Error, TimeSpan For)? TroubleOf(PayerSet payers)
    {
        (RpcError Error, TimeSpan For)? longest = null;
        foreach (var payer in payers.Started)
        {
            var flow = payer.Services.GetRequiredService<AppChainFlow>();
            if (flow.Trouble is { } trouble && (longest is null || trouble.For > longest.Value.For)) longest = trouble;
        }

        return longest;
    }
}
