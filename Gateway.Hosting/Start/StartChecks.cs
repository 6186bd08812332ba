using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>
/// All checks before the gateway listens: the command line, all options, and every <see cref="IStartCheck"/>.
/// </summary>
internal sealed class StartChecks(IServiceProvider services, SettingTable table, CommandLine line)
{
    /// <summary>The faults of the command line and of the options, without a call to any external service.</summary>
    public IReadOnlyList<string> ConfigurationFaults() =>
    [
        .. line.Faults,
        .. table.Groups.SelectMany(group => group.Faults(services)).Distinct(),
    ];

    /// <summary>Runs them all.</summary>
    /// <exception cref="GatewayStartException">There are faults; the exception lists all of them.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var faults = ConfigurationFaults();
        var checks = services.GetServices<IStartCheck>().Select(check => check.RunAsync(cancellationToken));
        var outside = await Task.WhenAll(checks).ConfigureAwait(false);
        List<string> all = [.. faults.Concat(outside.SelectMany(found => found)).Distinct()];
        if (all.Count > 0) throw new GatewayStartException(all);
    }
}
