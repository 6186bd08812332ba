using System.Text.Json.Serialization;

namespace Xmtp.Gateway.ChainWatcher.Figures;

/// <summary>A chain event for figures and history: small, and with the same members for every type.</summary>
/// <param name="Type">The event's name, such as <c>PayerReportSubmitted</c>.</param>
/// <param name="Block">The block's height.</param>
public sealed record ChainEvent(string Type, ulong Block)
{
    /// <summary>The block's time, in Unix seconds; null when it is unknown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ulong? Time { get; init; }

    /// <summary>The transaction's hash; null for events that are only counted.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Transaction { get; init; }

    /// <summary>The number of events of this type in this block. At least 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The node concerned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public uint? Node { get; init; }

    /// <summary>The payer concerned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Payer { get; init; }

    /// <summary>The amount in microdollars.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Int128? Microdollars { get; init; }

    /// <summary>The number of a report among the reports of its node.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Report { get; init; }

    /// <summary>The sequence id above which a report counts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ulong? From { get; init; }

    /// <summary>The last sequence id that a report counts, included.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ulong? To { get; init; }

    /// <summary>A count: of the nodes that attest a report, or of its payers that are left to charge.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public uint? Number { get; init; }

    /// <summary>Any other content as text: a pause, payload bounds, prices.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }
}
