using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using Xmtp.Gateway.ChainWatcher.Following;
using Xmtp.Gateway.Hosting.Start;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>Adds the watch of the network, where it is switched on.</summary>
internal static class NetworkRegistration
{
    // 50 nodes with 200 originators each.
    private const int MaxSeries = 10_000;

    /// <summary>Adds the parts.</summary>
    public static void AddNetworkWatch(this IServiceCollection services)
    {
        services.AddSingleton<IStartCheck, NetworkCheck>();
        services.AddSingleton<RegistryChanges>().AddSingleton<NetworkCursors>().AddSingleton<NetworkReader>();
        services.AddSingleton<NetworkMetrics>().AddSingleton<ILeaderPart, NetworkWatch>();
        services.AddHealthChecks().AddCheck<NetworkHealth>("network");
        services.ConfigureOpenTelemetryMeterProvider(
            (provider, metrics) => metrics.AddView(Cursors(provider.GetRequiredService<IMeterFactory>())));
    }

    /// <summary>Maps the page, and creates the instruments, which nothing else resolves; nothing where it is switched off.</summary>
    public static void MapNetworkWatch(this WebApplication app)
    {
        if (app.Services.GetService<NetworkMetrics>() is not null) NetworkPage.Map(app);
    }

    // Two instruments have a series for each pair of nodes, more than OpenTelemetry's 2,000 where the network is large.
    private static Func<Instrument, MetricStreamConfiguration?> Cursors(IMeterFactory meters) => instrument =>
        ReferenceEquals(instrument.Meter.Scope, meters)
            && instrument.Name is NetworkMetrics.Prefix + "cursor" or NetworkMetrics.Prefix + "cursor_lag"
                ? new MetricStreamConfiguration { CardinalityLimit = MaxSeries }
                : null;
}
