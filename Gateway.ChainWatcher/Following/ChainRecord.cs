using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.ChainWatcher.Figures;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>The stored state of a watch: figures and position together, so that each event is counted exactly once.</summary>
internal sealed record ChainRecord
{
    /// <summary>The chain, contracts and payer of the record: <see cref="WatchedChain.Fingerprint"/>.</summary>
    public required string Of { get; init; }

    /// <summary>The first block that was not read.</summary>
    public required ulong Next { get; init; }

    /// <summary>The first block that <see cref="Settled"/> does not include.</summary>
    public required ulong SettledBelow { get; init; }

    /// <summary>The remembered blocks: heights and hashes.</summary>
    public required IReadOnlyList<KeptMark> Marks { get; init; }

    /// <summary>The figures of events that can no longer be undone.</summary>
    public required ChainFigures Settled { get; init; }

    /// <summary>Later events, which can be undone, oldest first.</summary>
    public required IReadOnlyList<ChainEvent> Recent { get; init; }

    /// <summary>The time of the newest block, in Unix seconds.</summary>
    public ulong HeadTime { get; init; }

    /// <summary>
    /// Whether everything up to a head was read once. Earlier releases did not write it; a <see cref="HeadTime"/> says the same.
    /// </summary>
    public bool HasCaughtUp { get; init; }

    /// <summary>Serializes the record.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Reads a record; null when it is invalid or belongs to something else.</summary>
    public static ChainRecord? Read(string? json, string of)
    {
        if (json is null) return null;
        try
        {
            return JsonSerializer.Deserialize<ChainRecord>(json) is { } record && record.Of == of ? record : null;
        }
        catch (Exception exception) when (exception is JsonException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>The position to continue from.</summary>
    public FollowPosition Position() => new(Next, [.. Marks.Select(mark => new BlockMark(mark.Block, Bytes32.Parse(mark.Hash)))]);
}

/// <summary>A remembered block, as stored.</summary>
/// <param name="Block">Its height.</param>
/// <param name="Hash">Its hash, 0x and 64 digits.</param>
internal sealed record KeptMark(ulong Block, string Hash);
