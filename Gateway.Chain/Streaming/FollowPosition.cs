namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>A block that is remembered by its hash, to check later whether it is still part of the chain.</summary>
/// <param name="Number">Its height.</param>
/// <param name="Hash">Its hash.</param>
public readonly record struct BlockMark(ulong Number, Bytes32 Hash);

/// <summary>
/// How far a chain's logs were read. A caller that stores it together with its results from the logs resumes there
/// after a restart and counts nothing twice.
/// </summary>
/// <param name="Next">The first block that was not read.</param>
/// <param name="Marks">Remembered blocks below it, ascending; empty at the start.</param>
public sealed record FollowPosition(ulong Next, IReadOnlyList<BlockMark> Marks)
{
    /// <summary>The position before <paramref name="block"/>, with nothing read.</summary>
    public static FollowPosition From(ulong block) => new(block, []);
}
