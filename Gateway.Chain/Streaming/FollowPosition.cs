namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>A block that is remembered by its hash, to see later whether it is still part of the chain.</summary>
/// <param name="Number">Its height.</param>
/// <param name="Hash">Its hash.</param>
public readonly record struct BlockMark(ulong Number, Bytes32 Hash);

/// <summary>
/// How far a chain's logs were read. Who keeps it together with what it made of the logs goes on from there after a
/// restart, and counts nothing twice.
/// </summary>
/// <param name="Next">The first block that was not read.</param>
/// <param name="Marks">Blocks below it that are remembered, ascending; empty at the very start.</param>
public sealed record FollowPosition(ulong Next, IReadOnlyList<BlockMark> Marks)
{
    /// <summary>Before the first block that is of interest.</summary>
    public static FollowPosition From(ulong block) => new(block, []);
}
