namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>How long one try may take.</summary>
/// <param name="Length">The limit.</param>
/// <param name="IsFull">Whether that is all a try has, so that silence is the node's fault and not the caller's haste.</param>
internal readonly record struct AttemptTimeout(TimeSpan Length, bool IsFull)
{
    /// <summary>A probe of a node that was held back waits no longer than this.</summary>
    private static readonly TimeSpan MaxProbeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Below this, time is not shared out between tries, and silence says nothing of a node.</summary>
    private static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortShare =
        TimeSpan.FromMilliseconds(500), Margin = TimeSpan.FromMilliseconds(250), AnswerTime = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Shares out what is left: at most <paramref name="longest"/>, and no more than half while another node could
    /// still be tried.
    /// </summary>
    /// <remarks>So a silent node leaves time for the next one, however short the caller's deadline is.</remarks>
    internal static AttemptTimeout Of(TimeSpan remaining, TimeSpan longest, bool probe, bool another)
    {
        var full = probe && MaxProbeTimeout < longest ? MaxProbeTimeout : longest;
        var share = another && remaining / 2 >= MinTimeout ? remaining / 2 : remaining;
        return share < full ? new AttemptTimeout(share, false) : new AttemptTimeout(full, true);
    }

    /// <summary>
    /// What the node is told as grpc-timeout: at that moment it answers OK for what it staged, and DEADLINE_EXCEEDED
    /// for what it did not.
    /// </summary>
    internal TimeSpan ForNode => Length < ShortShare ? Length / 2 : Length - Margin;

    /// <summary>How long its answer is read: until 1 s past <see cref="ForNode"/>.</summary>
    internal TimeSpan ReadFor => ForNode + AnswerTime;

    /// <summary>What it means that the time passed without an answer.</summary>
    internal AttemptOutcome Passed => IsFull ? AttemptOutcome.Silent : Length >= MinTimeout ? AttemptOutcome.Slow : AttemptOutcome.Nothing;
}
