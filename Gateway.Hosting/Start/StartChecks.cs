using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Hosting.Start;

/// <summary>
/// All checks before the gateway listens: the command line, all options, and every <see cref="IStartCheck"/>.
/// </summary>
internal sealed partial class StartChecks(
    IServiceProvider services, SettingTable table, CommandLine line, IConfiguration configuration, ILogger<StartChecks> logger)
{
    /// <summary>The faults of the command line and of the options, without a call to any external service.</summary>
    public IReadOnlyList<string> ConfigurationFaults() =>
    [
        .. line.Faults,
        .. SettingConfiguration.Faults(services.GetRequiredService<IConfiguration>(), table, line),
        .. table.Groups.SelectMany(group => group.Faults(services)).Distinct(),
    ];

    /// <summary>What is unusual about settings that are right, and the variables that have no effect.</summary>
    public IEnumerable<string> ConfigurationWarnings() => table.Warnings(configuration);

    /// <summary>Runs them all, and logs what is unusual about settings that are right.</summary>
    /// <exception cref="GatewayStartException">There are faults; the exception lists all of them.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var faults = ConfigurationFaults();
        var checks = services.GetServices<IStartCheck>().Select(check => check.RunAsync(cancellationToken));
        var outside = await Task.WhenAll(checks).ConfigureAwait(false);
        List<string> all = [.. faults.Concat(outside.SelectMany(found => found)).Distinct()];
        if (all.Count > 0) throw new GatewayStartException(all);
        foreach (var warning in ConfigurationWarnings()) LogWarning(logger, warning);
    }

    [LoggerMessage(EventIds.StartSettingWarning, LogLevel.Warning, "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);
}
