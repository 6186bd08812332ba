using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Costs.Rating;

namespace Xmtp.Gateway.Hosting;

/// <summary>Reads what a publish needs, so that one right after the start succeeds: a gateway serves before it has read them.</summary>
internal static class FirstReading
{
    /// <summary>Reads the nodes and the rates. A chain that fails to answer is no fault: it is asked again.</summary>
    public static Task RunAsync(IServiceProvider services, CancellationToken cancellationToken) => Task.WhenAll(
        services.GetRequiredService<INodeRegistry>().RefreshAsync(cancellationToken),
        services.GetRequiredService<RateRefresher>().RefreshAsync(cancellationToken));
}
