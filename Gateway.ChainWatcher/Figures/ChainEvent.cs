using System.Text.Json.Serialization;

namespace Xmtp.Gateway.ChainWatcher.Figures;

/// <summary>One event as figures and history need it: small, and the same for every kind.</summary>
/// <param name="Type">Such as <c>PayerReportSubmitted</c>.</param>
/// <param name="Block">The block's height.</param>
public sealed record ChainEvent(string Type, ulong Block)
{
    /// <summary>The block's time, unix seconds; null when the chain did not tell.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ulong? Time { get; init; }

    /// <summary>The transaction's hash; null where several events of a block are counted together.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Transaction { get; init; }

    /// <summary>How many events of this type in this block these are. At least 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The node that it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public uint? Node { get; init; }

    /// <summary>The payer that it is about.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Payer { get; init; }

    /// <summary>Money in microdollars.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Int128? Microdollars { get; init; }

    /// <summary>The number of a report among those of its node.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Report { get; init; }

    /// <summary>Above which sequence id a report counts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ulong? From { get; init; }

    /// <summary>Up to which sequence id a report counts.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ulong? To { get; init; }

    /// <summary>How many: nodes that attest a report, or payers of it that are left.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public uint? Number { get; init; }

    /// <summary>Anything else in words: an address of a node, a pause, prices.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Text { get; init; }
}
