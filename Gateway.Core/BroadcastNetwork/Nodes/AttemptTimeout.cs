namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>The timeout of one attempt.</summary>
/// <param name="Length">The timeout.</param>
/// <param name="IsFull">
/// Whether it is the full timeout, so that silence is the node's fault and not the caller's short deadline.
/// </param>
internal readonly record struct AttemptTimeout(TimeSpan Length, bool IsFull)
{
    /// <summary>The max timeout of a probe of a node whose circuit was open.</summary>
    private static readonly TimeSpan MaxProbeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Below this, time is not divided between attempts, and silence says nothing about a node.</summary>
    private static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan ShortShare =
        TimeSpan.FromMilliseconds(500), Margin = TimeSpan.FromMilliseconds(250), AnswerTime = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Divides the remaining time: at most <paramref name="max"/>, and at most half while another node could
    /// still be tried.
    /// </summary>
    /// <remarks>So a silent node leaves time for the next one, however short the caller's deadline is.</remarks>
    internal static AttemptTimeout Of(TimeSpan remaining, TimeSpan max, bool probe, bool another)
    {
        var full = probe && MaxProbeTimeout < max ? MaxProbeTimeout : max;
        var share = another && remaining / 2 >= MinTimeout ? remaining / 2 : remaining;
        return share < full ? new AttemptTimeout(share, false) : new AttemptTimeout(full, true);
    }

    /// <summary>
    /// The node's grpc-timeout: when it passes, the node returns OK for what it staged, and DEADLINE_EXCEEDED for what
    /// it did not.
    /// </summary>
    internal TimeSpan ForNode => Length < ShortShare ? Length / 2 : Length - Margin;

    /// <summary>How long the response is read: until 1 s after <see cref="ForNode"/>.</summary>
    internal TimeSpan ReadFor => ForNode + AnswerTime;

    /// <summary>The outcome when the time passed without a response.</summary>
    internal AttemptOutcome Passed => IsFull ? AttemptOutcome.Silent : Length >= MinTimeout ? AttemptOutcome.Slow : AttemptOutcome.Nothing;
}
