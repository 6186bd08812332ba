namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>What happened while a chain was followed.</summary>
public enum FollowStepKind
{
    /// <summary>Some blocks were read; <see cref="FollowStep.Logs"/> is everything of interest in them, in the chain's order.</summary>
    Read,

    /// <summary>
    /// Blocks that were read before are no longer part of the chain, from <see cref="FollowPosition.Next"/> on: undo
    /// what they brought. They are read anew.
    /// </summary>
    RolledBack,
}

/// <summary>One step along a chain.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Position">Where it is now; keep it together with what was made of the logs.</param>
/// <param name="Logs">The logs of the blocks that were read; empty when it went back.</param>
/// <param name="Head">The chain's newest block, as far as known.</param>
/// <param name="UndoableFrom">
/// Nothing below this block is taken back any more, unless everything is; what it brought need not be undoable.
/// </param>
public sealed record FollowStep(FollowStepKind Kind, FollowPosition Position, IReadOnlyList<LogEntry> Logs, Block Head, ulong UndoableFrom)
{
    /// <summary>Whether everything up to the head was read.</summary>
    public bool IsCaughtUp => Position.Next > Head.Number;
}
