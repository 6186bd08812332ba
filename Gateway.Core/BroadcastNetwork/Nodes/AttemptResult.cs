using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>
/// The result of one attempt at one node: answers, a refusal, a final error, or a reason to try the next node.
/// </summary>
internal readonly record struct AttemptResult
{
    private AttemptResult(IReadOnlyList<ReadOnlyMemory<byte>>? answers, PublishError? error, AttemptOutcome outcome)
    {
        Answers = answers;
        Error = error;
        Outcome = outcome;
    }

    /// <summary>
    /// The originator envelopes, one for each that was sent; null when there are none. An empty one was accepted, but
    /// could not be read.
    /// </summary>
    internal IReadOnlyList<ReadOnlyMemory<byte>>? Answers { get; }

    /// <summary>
    /// The error that is final, or that is returned if no other node accepts the request (see <see cref="IsFinal"/>).
    /// </summary>
    internal PublishError? Error { get; init; }

    /// <summary>What it says about the node.</summary>
    internal AttemptOutcome Outcome { get; }

    /// <summary>
    /// Whether the circuit breaker was told of the failure by another publish of the same call, or the node has no part in it.
    /// </summary>
    internal bool IsReported { get; init; }

    /// <summary>What the circuit breaker records.</summary>
    internal AttemptOutcome ForBreaker => IsReported ? AttemptOutcome.Nothing : Outcome;

    /// <summary>Whether the node may have accepted the envelopes without a response that confirms it.</summary>
    internal bool MayBeTaken { get; init; }

    /// <summary>Why it is in doubt whether the node accepted them.</summary>
    internal AttemptDoubt Doubt { get; init; }

    /// <summary>The node's refusal of the request; null when there was none.</summary>
    internal NodeRefusal? Refusal { get; private init; }

    /// <summary>Whether no other node must be tried.</summary>
    internal bool IsFinal { get; private init; }

    internal static AttemptResult Published(
        IReadOnlyList<ReadOnlyMemory<byte>> answers) => new(answers, null, AttemptOutcome.Answered) { IsFinal = true };

    internal static AttemptResult Refused(NodeRefusal refusal) => new(null, null, AttemptOutcome.Answered) { Refusal = refusal };

    internal static AttemptResult Ended(PublishError error, AttemptOutcome outcome) => new(null, error, outcome) { IsFinal = true };

    internal static AttemptResult TryNext(AttemptOutcome outcome, PublishError? unlessAnother = null) => new(null, unlessAnother, outcome);
}
