using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Options;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.ChainWatcher.Hosting;

/// <summary>Checks that the only port can be bound, so that one that is taken is a fault by its flag.</summary>
internal sealed class WatcherPortCheck(UncheckedOptions<MetricsOptions> metrics, SettingTable table) : IStartCheck
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<string>> RunAsync(CancellationToken cancellationToken)
    {
        var fault = PortFault.Of(table.Find("--metrics.metrics-port")!, metrics.Value.Address, metrics.Value.Port);
        return Task.FromResult<IReadOnlyList<string>>(fault is null ? [] : [fault]);
    }
}
