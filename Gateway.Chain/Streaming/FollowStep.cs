namespace Xmtp.Gateway.Chain.Streaming;

/// <summary>The kind of a step while a chain is followed.</summary>
public enum FollowStepKind
{
    /// <summary>Some blocks were read; <see cref="FollowStep.Logs"/> holds all their matching logs, in chain order.</summary>
    Read,

    /// <summary>
    /// Blocks that were read before are no longer part of the chain, from <see cref="FollowPosition.Next"/> on: undo
    /// their effects. They are read again.
    /// </summary>
    RolledBack,
}

/// <summary>One step along a chain.</summary>
/// <param name="Kind">The kind of step.</param>
/// <param name="Position">The position after the step; store it together with the results from the logs.</param>
/// <param name="Logs">The logs of the blocks that were read; empty for a rollback.</param>
/// <param name="Head">The chain's newest known block.</param>
/// <param name="UndoableFrom">
/// No block below this one is rolled back any more, except when all are; the effects of its logs need not be undoable.
/// </param>
public sealed record FollowStep(FollowStepKind Kind, FollowPosition Position, IReadOnlyList<LogEntry> Logs, Block Head, ulong UndoableFrom)
{
    /// <summary>Whether everything up to the head was read.</summary>
    public bool IsCaughtUp => Position.Next > Head.Number;
}
