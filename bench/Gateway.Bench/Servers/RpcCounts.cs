using System.Collections.Concurrent;
using System.Text.Json;

namespace Xmtp.Gateway.Bench.Servers;

/// <summary>Counts JSON-RPC requests by their method. Thread-safe.</summary>
internal sealed class RpcCounts
{
    private readonly ConcurrentDictionary<string, long> _counts = new();

    /// <summary>Adds a message; a batch counts as its requests, as providers bill them.</summary>
    public void Add(ReadOnlyMemory<byte> message)
    {
        using var json = JsonDocument.Parse(message);
        var root = json.RootElement;
        foreach (var one in root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()] : new[] { root })
            _counts.AddOrUpdate(one.GetProperty("method").GetString()!, 1, (_, count) => count + 1);
    }

    /// <summary>How many there have been so far.</summary>
    public IReadOnlyDictionary<string, long> Read() => new Dictionary<string, long>(_counts);

    /// <summary>Those between two readings, divided by a number such as that of seconds.</summary>
    public static IReadOnlyDictionary<string, double> Between(
        IReadOnlyDictionary<string, long> before, IReadOnlyDictionary<string, long> after, double divisor) =>
        after.ToDictionary(count => count.Key, count => (count.Value - before.GetValueOrDefault(count.Key)) / divisor)
            .Where(count => count.Value > 0)
            .ToDictionary();
}
