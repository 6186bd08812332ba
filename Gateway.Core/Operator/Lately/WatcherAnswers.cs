using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Xmtp.Gateway.Operator.Lately;

/// <summary>Reads the JSON of a chain watcher. Each method returns null for a body of another form.</summary>
internal static partial class WatcherAnswers
{
    private const int MaxEvents = 40;
    private static readonly string[] LeftOut =
        ["MessageSent", "IdentityUpdateCreated", "PayerReportSubmitted", "PayerReportSubsetSettled"];

    /// <summary>The newest events of <c>/v1/history</c>, without those that are too many to be news.</summary>
    internal static IReadOnlyList<WatcherEvent>? Events(JsonElement body) => Read<IReadOnlyList<WatcherEvent>>(() =>
    [
        .. (body.GetProperty("events").Deserialize(Json.Default.ListWatcherEvent) ?? [])
            .OfType<WatcherEvent>().Where(happened => happened.Type is not null && !LeftOut.Contains(happened.Type)).Take(MaxEvents),
    ]);

    /// <summary>
    /// Of <c>/v1/network</c>, such as <c>{"nodes":[{"id":100,"up":true,"lag":{"200":3}}]}</c>: by how many envelopes of each node
    /// the other node that lacks most is behind. A node that is down tells nothing; a node that no other hears of is left out.
    /// </summary>
    internal static IReadOnlyDictionary<uint, ulong>? Behind(JsonElement body) => Read<IReadOnlyDictionary<uint, ulong>>(() =>
    {
        var nodes = body.GetProperty("nodes").EnumerateArray()
            .Select(node => (Id: node.GetProperty("id").GetUInt32(), IsUp: node.GetProperty("up").GetBoolean(), Lag: LagOf(node)))
            .ToList();
        var behind = new Dictionary<uint, ulong>();
        foreach (var (id, _, _) in nodes)
        {
            var others = nodes.Where(other => other.IsUp && other.Id != id).Select(other => other.Lag.GetValueOrDefault(id)).ToList();
            if (others.Count > 0) behind[id] = others.Max();
        }

        return behind;
    });

    /// <summary>Of <c>/v1/chains</c>: the newest block of each chain, and how many blocks the watcher has still to read.</summary>
    internal static IReadOnlyDictionary<string, WatchedHead>? Heads(JsonElement body) => Read(() => body.GetProperty("chains")
        .EnumerateArray()
        .Where(chain => chain.GetProperty("head").ValueKind == JsonValueKind.Number)
        .ToDictionary(
            chain => chain.GetProperty("name").GetString() ?? throw new FormatException("a chain has no name"),
            chain => new WatchedHead(chain.GetProperty("head").GetUInt64(), chain.GetProperty("behind").GetUInt64()),
            StringComparer.Ordinal));

    private static Dictionary<uint, ulong> LagOf(JsonElement node) => node.GetProperty("lag").EnumerateObject().ToDictionary(
        lag => uint.Parse(lag.Name, NumberStyles.None, CultureInfo.InvariantCulture), lag => lag.Value.GetUInt64());

    private static T? Read<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception exception) when (exception
            is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or OverflowException
                or ArgumentException)
        {
            return null;
        }
    }

    [JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
    [JsonSerializable(typeof(List<WatcherEvent?>))]
    private sealed partial class Json : JsonSerializerContext;
}
