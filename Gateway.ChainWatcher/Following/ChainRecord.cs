using System.Text.Json;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Streaming;
using Xmtp.Gateway.ChainWatcher.Figures;

namespace Xmtp.Gateway.ChainWatcher.Following;

/// <summary>What is kept of a watch: figures and position in one piece, so that no event is counted twice or not at all.</summary>
internal sealed record ChainRecord
{
    /// <summary>Which chain, contracts and payer it is about: <see cref="WatchedChain.Fingerprint"/>.</summary>
    public required string Of { get; init; }

    /// <summary>The first block that was not read.</summary>
    public required ulong Next { get; init; }

    /// <summary>The first block that <see cref="Settled"/> does not hold.</summary>
    public required ulong SettledBelow { get; init; }

    /// <summary>The remembered blocks: heights and hashes.</summary>
    public required IReadOnlyList<KeptMark> Marks { get; init; }

    /// <summary>The figures of what cannot be undone any more.</summary>
    public required ChainFigures Settled { get; init; }

    /// <summary>What came behind them and can be undone, oldest first.</summary>
    public required IReadOnlyList<ChainEvent> Recent { get; init; }

    /// <summary>The time of the newest block, unix seconds.</summary>
    public ulong HeadTime { get; init; }

    /// <summary>Writes it.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>Reads it; null when it is none, or of something else.</summary>
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

    /// <summary>Where to go on.</summary>
    public FollowPosition Position() => new(Next, [.. Marks.Select(mark => new BlockMark(mark.Block, Bytes32.Parse(mark.Hash)))]);
}

/// <summary>A remembered block, as it is kept.</summary>
/// <param name="Block">Its height.</param>
/// <param name="Hash">Its hash, 0x and 64 digits.</param>
internal sealed record KeptMark(ulong Block, string Hash);
