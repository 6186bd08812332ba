using System.Text.Json;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>
/// The checkpoint of what is read from one endpoint: the record of its chain, or the records of both chains if they are one.
/// They are stored together, at one position.
/// </summary>
internal static class EndpointRecord
{
    // Not the name of either chain: a record of a chain that is read alone has a position of its own.
    private const string NameOfBoth = "one-chain";

    /// <summary>The name under which it is stored.</summary>
    public static string NameOf(IReadOnlyList<WatchedChain> chains) => chains.Count == 1 ? chains[0].Name : NameOfBoth;

    /// <summary>Serializes the records.</summary>
    public static string ToJson(IReadOnlyList<ChainRecord> records) =>
        records.Count == 1 ? records[0].ToJson() : JsonSerializer.Serialize(records);

    /// <summary>Reads the records; null when one is invalid, or belongs to something else.</summary>
    /// <param name="json">What was stored; null for nothing.</param>
    /// <param name="of">The fingerprints of the chains, in their order.</param>
    public static IReadOnlyList<ChainRecord>? Read(string? json, IReadOnlyList<string> of)
    {
        if (of.Count == 1) return ChainRecord.Read(json, of[0]) is { } record ? [record] : null;
        if (json is null) return null;
        try
        {
            var records = JsonSerializer.Deserialize<List<ChainRecord>>(json);
            return records is not null && records.Select(record => record.Of).SequenceEqual(of) ? records : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null;
        }
    }
}
