using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// How one try at one node ended: with answers, with a refusal, with an error that ends the matter, or with a reason to
/// go to the next node.
/// </summary>
internal readonly record struct AttemptResult
{
    private AttemptResult(IReadOnlyList<ReadOnlyMemory<byte>>? answers, PublishError? error, AttemptOutcome verdict)
    {
        Answers = answers;
        Error = error;
        Verdict = verdict;
    }

    /// <summary>
    /// The originator envelopes, one for each that was sent; null when there are none. An empty one was taken, but
    /// could not be read.
    /// </summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>>? Answers { get; }

    /// <summary>The error that ends the matter, or that stands if no other node takes it (see <see cref="IsFinal"/>).</summary>
    internal PublishError? Error { get; init; }

    /// <summary>What the breaker learns.</summary>
    internal AttemptOutcome Verdict { get; }

    /// <summary>Whether the node may have taken the envelopes without an answer that says so.</summary>
    internal bool MayBeTaken { get; init; }

    /// <summary>What could still tell whether it took them.</summary>
    internal AttemptDoubt Doubt { get; init; }

    /// <summary>The node's own word on the request; null when it gave none.</summary>
    internal NodeRefusal? Refusal { get; private init; }

    /// <summary>Whether no other node is to be tried.</summary>
    internal bool IsFinal { get; private init; }

    internal static AttemptResult Published(
        IReadOnlyList<ReadOnlyMemory<byte>> answers) => new(answers, null, AttemptOutcome.Answered) { IsFinal = true };

    internal static AttemptResult Refused(NodeRefusal refusal) => new(null, null, AttemptOutcome.Answered) { Refusal = refusal };

    internal static AttemptResult Ended(PublishError error, AttemptOutcome verdict) => new(null, error, verdict) { IsFinal = true };

    internal static AttemptResult TryNext(AttemptOutcome verdict, PublishError? unlessAnother = null) => new(null, unlessAnother, verdict);
}
