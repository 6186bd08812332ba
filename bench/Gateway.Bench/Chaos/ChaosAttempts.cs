using Google.Protobuf;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>Shows what was sent of an envelope and what came back, by the clock of the schedule.</summary>
/// <param name="stage">Where it was sent.</param>
internal sealed class ChaosAttempts(ChaosStage stage)
{
    private const int MaxAttempts = 4;

    /// <summary>What is wrong with an envelope, and its attempts, a line each.</summary>
    public string Show(ChaosPublish publish, string what)
    {
        var kind = publish.IsCommit ? "commit" : "message";
        var attempts = publish.Attempts.ToList();
        var shown = attempts.Count > 2 * MaxAttempts
            ? [.. attempts.Take(MaxAttempts).Select(Show), "…", .. attempts.TakeLast(MaxAttempts).Select(Show)]
            : attempts.Select(Show);
        return $"{kind} {publish.Key[..24]}…: {what}\n    {string.Join("\n    ", shown)}";
    }

    /// <summary>The node, and the sequence id there, that an answer names.</summary>
    public static (uint Node, ulong Sequence) PlaceOf(OriginatorEnvelope answer) =>
        (ViewOf(answer).OriginatorNodeId, ViewOf(answer).SequenceId);

    /// <summary>The parts of an answer.</summary>
    public static OriginatorEnvelopeView ViewOf(OriginatorEnvelope answer) =>
        OriginatorEnvelopeView.TryRead(answer.ToByteArray(), out var view) ? view : default;

    private string Show(ChaosAttempt attempt)
    {
        var outcome = attempt.Error is { } error ? $"{error}" : $"{PlaceOf(attempt.Answer!)}";
        return FormattableString.Invariant(
            $"{Seconds(attempt.BeganAt),6:F2} to {Seconds(attempt.EndedAt),6:F2} s at {attempt.Gateway}: {outcome}");
    }

    private double Seconds(long at) => (at - stage.FaultsBeganAt) / (double)TimeProvider.System.TimestampFrequency;
}
