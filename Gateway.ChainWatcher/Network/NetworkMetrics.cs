using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using Xmtp.Gateway.ChainWatcher.Telemetry;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>The network as metrics, with the names, types and labels of the original's network watcher.</summary>
/// <remarks>
/// Everything is read at each scrape: the series of a node leave with it. Only the leader has figures. The original declares
/// the build information and sets no value.
/// </remarks>
internal sealed class NetworkMetrics
{
    /// <summary>The beginning of all names.</summary>
    public const string Prefix = "xmtpd_network_watcher_";

    private readonly NetworkCursors _cursors;

    public NetworkMetrics(IMeterFactory meters, NetworkCursors cursors)
    {
        _cursors = cursors;
        var meter = meters.Create(new MeterOptions(WatcherMetrics.Name) { Scope = meters });
        AddCursors(meter);
        AddNodes(meter);
        meter.CreateObservableGauge(
            Prefix + "known_nodes",
            () => Of(network => [new Measurement<long>(network.Nodes.Count)]),
            description: "Nodes of the network by its registry");
        meter.CreateObservableCounter(
            Prefix + "registry_errors_total", () => cursors.RegistryErrors, description: "Reads of the node registry that failed");
        meter.CreateObservableGauge(
            Prefix + "build_info",
            () => new Measurement<long>(1, new KeyValuePair<string, object?>("version", Version())),
            description: "The version of this watcher; always 1");
    }

    private void AddCursors(Meter meter)
    {
        meter.CreateObservableGauge(
            Prefix + "cursor",
            () => Of(network => network.Nodes.SelectMany(
                node => node.Cursor.Select(entry => Value(entry.Value, Publisher(node), Originator(entry.Key))))),
            description: "The last sequence id that a node (publisher) has of an originator");
        meter.CreateObservableGauge(
            Prefix + "cursor_divergence",
            () => Of(network => network.Originators.Select(entry => Value(entry.Divergence, Originator(entry.Id)))),
            description: "From the smallest to the greatest sequence id that nodes have of an originator");
        meter.CreateObservableGauge(
            Prefix + "cursor_max",
            () => Of(network => network.Originators.Select(entry => Value(entry.Max, Originator(entry.Id)))),
            description: "The greatest sequence id that a node has of an originator");
        meter.CreateObservableGauge(
            Prefix + "cursor_lag",
            () => Of(network => network.Nodes.SelectMany(
                node => node.Lags.Select(lag => Value(lag.Behind, Publisher(node), Originator(lag.Originator))))),
            description: "The greatest sequence id that a node has of an originator, minus that of this node");
    }

    private void AddNodes(Meter meter)
    {
        meter.CreateObservableGauge(
            Prefix + "node_up",
            () => Of(network => network.Nodes.Select(node => Value(node.IsUp ? 1ul : 0, Publisher(node)))),
            description: "1 while a node streams its cursor, else 0");
        meter.CreateObservableGauge(
            Prefix + "node_last_update_seconds",
            () => Of(network => network.Nodes.Where(node => node.LastUpdate is not null)
                .Select(node => Value((ulong)node.LastUpdate!.Value.ToUnixTimeSeconds(), Publisher(node)))),
            description: "When a node sent its last cursor, in Unix seconds");
        meter.CreateObservableCounter(
            Prefix + "node_stream_errors_total",
            () => Of(network => network.Nodes.SelectMany(
                node => node.Errors.Select(
                    error => Value((ulong)error.Value, Publisher(node), new KeyValuePair<string, object?>("reason", error.Key))))),
            description: "Streams of a node that failed, by reason");
    }

    private List<Measurement<long>> Of(Func<NetworkSnapshot, IEnumerable<Measurement<long>>> read) =>
        _cursors.Snapshot() is { } network ? [.. read(network)] : [];

    private static Measurement<long> Value(ulong value, params KeyValuePair<string, object?>[] labels) =>
        new((long)Math.Min(value, long.MaxValue), labels);

    private static KeyValuePair<string, object?> Publisher(NodeSnapshot node) => Label("publisher_node_id", node.Id);

    private static KeyValuePair<string, object?> Originator(uint id) => Label("originator_node_id", id);

    private static KeyValuePair<string, object?> Label(string name, uint id) => new(name, id.ToString(CultureInfo.InvariantCulture));

    // Without the commit.
    private static string Version() =>
        typeof(NetworkMetrics).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0]
            ?? "0";
}
