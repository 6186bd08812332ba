using Grpc.Core;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>Compares the history of a run with its chain and nodes.</summary>
/// <param name="stage">The chain and the nodes.</param>
/// <param name="history">What was published.</param>
internal sealed class ChaosCheck(ChaosStage stage, IReadOnlyCollection<ChaosPublish> history)
{
    private static readonly StatusCode[] NeverExpected = [StatusCode.InvalidArgument, StatusCode.Internal, StatusCode.Unknown];
    private readonly List<string> _violations = [];
    private readonly ChaosAttempts _attempts = new(stage);

    /// <summary>What must not be; empty when all held.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>
    /// Messages that nodes store more than once, where a process or a connection ended and nobody could know what became of
    /// a failed attempt.
    /// </summary>
    public int UnknowableRepetitions { get; private set; }

    /// <summary>
    /// Messages that nodes store more than once, where one of them was sent while Redis did not take claims or results: gateways
    /// publish messages without it.
    /// </summary>
    public int UnclaimedRepetitions { get; private set; }

    /// <summary>
    /// Messages that nodes store more than once, where a gateway was stopped in the midst of a call: when it continues, its
    /// attempt at the node is over, and the node may not show in time whether it has the message.
    /// </summary>
    public int StoppedRepetitions { get; private set; }

    /// <summary>
    /// Envelopes that are there more than once, or no more, where Redis lost writes meanwhile: results, claims and kept
    /// transactions were lost with them.
    /// </summary>
    public int LostWithRedis { get; private set; }

    /// <summary>Checks everything.</summary>
    /// <param name="onChain">The commits of the chain, by their bytes.</param>
    /// <param name="atNodes">The envelopes of the nodes, by the bytes of their client envelopes.</param>
    public void Run(ILookup<string, CommitOnChain> onChain, ILookup<string, OriginatorEnvelopeView> atNodes)
    {
        foreach (var publish in history)
        {
            if (publish.IsCommit) CheckCommit(publish, [.. onChain[publish.Key]]);
            else CheckMessage(publish, [.. atNodes[publish.Key].Select(copy => (copy.OriginatorNodeId, copy.SequenceId))]);
            CheckAnswers(publish);
        }
    }

    private void CheckCommit(ChaosPublish publish, IReadOnlyList<CommitOnChain> copies)
    {
        var (isRepeated, isLost) = (copies.Count > 1, copies.Count == 0 && publish.Answers.Count > 0);
        if ((isRepeated && WasRedisEmptied(publish, publish.AnsweredAt)) || (isLost && WasRedisEmptied(publish, null))) LostWithRedis++;
        else if (isRepeated)
            Violate(publish, $"the commit is on chain {copies.Count} times, by {string.Join(", ", copies.Select(copy => copy.Sender))}");
        else if (isLost) Violate(publish, "the commit was answered and is not on chain");
    }

    // Whether Redis lost writes after the envelope was first sent, and before this time.
    private bool WasRedisEmptied(ChaosPublish publish, long? until) =>
        stage.Store.Lost.Any(lost => lost.Overlaps(publish.BeganAt, until ?? long.MaxValue));

    private void CheckMessage(ChaosPublish publish, IReadOnlyList<(uint Node, ulong Sequence)> copies)
    {
        if (publish.Answers.Any(answer => !copies.Contains(ChaosAttempts.PlaceOf(answer))))
            Violate(publish, "the message was answered and is not at its node under that sequence id");

        var isKnowable = publish.Errors.All(error => error.IsSurelyUnsent);
        if (copies.Count > 0 && publish.IsGivenUp && isKnowable) Violate(publish, "the message was refused and is at a node");
        if (copies.Count < 2) return;
        if (WasRedisEmptied(publish, publish.AnsweredAt)) LostWithRedis++;
        else if (WasInterrupted(publish)) UnknowableRepetitions++;
        else if (WasUnclaimed(publish)) UnclaimedRepetitions++;
        else if (WasStopped(publish)) StoppedRepetitions++;
        else Violate(publish, $"the message is at nodes {copies.Count} times, and no process or connection had ended");
    }

    // Whether an attempt began while Redis took no claims or results: what began before had its claim.
    private bool WasUnclaimed(ChaosPublish publish) =>
        publish.Attempts.Any(attempt => stage.Store.Unclaimed.Any(span => span.Overlaps(attempt.BeganAt, attempt.BeganAt)));

    // Whether a gateway had begun an attempt when it was stopped, or got one that had no claim: it was stopped while Redis ended
    // its connections, and finds that out only when it continues.
    private bool WasStopped(ChaosPublish publish) => publish.Attempts.Any(attempt => stage.Stops.Any(stop =>
        stop.Gateway == attempt.Gateway
        && ((stop.Span.From >= attempt.BeganAt && stop.Span.From <= attempt.EndedAt)
            || (stop.Span.Overlaps(attempt.BeganAt, attempt.EndedAt) && stage.Store.Unclaimed.Any(span => span.Overlaps(stop.Span))))));

    // An attempt failed, and a process or a connection ended between the first attempt and the last answer.
    private bool WasInterrupted(ChaosPublish publish) =>
        publish.Errors.Any(error => !error.IsSurelyUnsent)
        && stage.Interruptions.Any(ended => ended.Overlaps(publish.BeganAt, publish.AnsweredAt ?? long.MaxValue));

    private void CheckAnswers(ChaosPublish publish)
    {
        if (publish.Answers.Count == 0 && !publish.IsGivenUp) Violate(publish, "it was never answered");
        if (publish.Answers.Any(answer => Convert.ToHexString(ChaosAttempts.ViewOf(answer).ClientEnvelope.Span) != publish.Key))
            Violate(publish, "an answer has other bytes than were sent");
        if (publish.IsCommit
            && publish.Answers.Select(ChaosAttempts.PlaceOf).Distinct().Count() > 1
            && !WasRedisEmptied(publish, publish.AnsweredAt))
            Violate(publish, "it was answered with different sequence ids");
        foreach (var error in publish.Errors.Where(IsNeverExpected))
            Violate(publish, $"an attempt was refused for a reason that is not the caller's: {error}");
    }

    private static bool IsNeverExpected(ChaosError error) => error.IsAnswer && NeverExpected.Contains(error.Code);

    private void Violate(ChaosPublish publish, string what) => _violations.Add(_attempts.Show(publish, what));
}
