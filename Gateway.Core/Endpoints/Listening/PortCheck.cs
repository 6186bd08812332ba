using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.Endpoints.Listening;

/// <summary>
/// Checks that the ports can be bound, so that a port that is taken is a fault like any other, and not a stack trace.
/// </summary>
internal sealed class PortCheck(
    UncheckedOptions<ApiOptions> api, UncheckedOptions<MetricsOptions> metrics, SettingTable table) : IStartCheck
{
    /// <inheritdoc/>
    public bool IsBeforeStart => true;

    /// <inheritdoc/>
    public string Subject => "ports";

    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        List<(string Flag, string Address, int Port)> ports =
            [("--api.port", api.Value.BindAddress, api.Value.Port), ("--api.http-port", api.Value.BindAddress, api.Value.HttpPort)];
        if (metrics.Value.Enable) ports.Add(("--metrics.metrics-port", metrics.Value.Address, metrics.Value.Port));
        return Task.FromResult<IReadOnlyList<string>>(
            [.. ports.Select(port => PortFault.Of(table.Find(port.Flag)!, port.Address, port.Port)).OfType<string>()]);
    }
}
