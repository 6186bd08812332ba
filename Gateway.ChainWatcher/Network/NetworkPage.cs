using System.Globalization;
using System.Text.Json;
using Xmtp.Gateway.Chain.JsonRpc;

namespace Xmtp.Gateway.ChainWatcher.Network;

/// <summary>
/// <c>/v1/network</c>: each node with its cursor and its lag by originator, and the greatest sequence id of each originator.
/// </summary>
internal static class NetworkPage
{
    /// <summary>Maps the page.</summary>
    public static void Map(WebApplication app) => app.MapGet("/v1/network", Show);

    private static IResult Show(NetworkCursors cursors) => cursors.Snapshot() is not { } network
        ? Results.Json(new { error = "this watcher does not lead, or the node registry has not been read yet" }, statusCode: 503)
        : Results.Json(
            new
            {
                nodes = network.Nodes.Select(
                    node => new
                    {
                        id = node.Id,
                        address = RedactedUrl.Of(node.Address),
                        up = node.IsUp,
                        since = Seconds(node.Since),
                        lastUpdate = node.LastUpdate is { } at ? Seconds(at) : (long?)null,
                        cursor = node.Cursor.OrderBy(entry => entry.Key).ToDictionary(entry => Text(entry.Key), entry => entry.Value),
                        lag = node.Lags.ToDictionary(lag => Text(lag.Originator), lag => lag.Behind),
                    }),
                originators = network.Originators.ToDictionary(
                    originator => Text(originator.Id), originator => new { max = originator.Max, divergence = originator.Divergence }),
            },
            JsonSerializerOptions.Web);

    private static long Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds();

    private static string Text(uint id) => id.ToString(CultureInfo.InvariantCulture);
}
