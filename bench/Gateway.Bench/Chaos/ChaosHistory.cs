using System.Collections.Concurrent;
using Google.Protobuf;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>An envelope, what was sent of it, and what came back.</summary>
internal sealed class ChaosPublish(ChaosIdentity identity, ClientEnvelope envelope, bool isCommit)
{
    private readonly ConcurrentQueue<ChaosAttempt> _attempts = new();

    /// <summary>Who sends it.</summary>
    public ChaosIdentity Identity => identity;

    /// <summary>The envelope.</summary>
    public ClientEnvelope Envelope => envelope;

    /// <summary>When it was first sent, as a timestamp of the clock.</summary>
    public long BeganAt { get; private set; } = TimeProvider.System.GetTimestamp();

    /// <summary>When the newest answer came, as a timestamp of the clock; null before the first.</summary>
    public long? AnsweredAt { get; private set; }

    /// <summary>The commits of the same topic that were answered before this one was sent.</summary>
    public IReadOnlyList<ChaosPublish> After { get; init; } = [];

    /// <summary>Its bytes, in hexadecimal.</summary>
    public string Key { get; } = Convert.ToHexString(envelope.ToByteArray());

    /// <summary>Whether it goes to the App Chain.</summary>
    public bool IsCommit => isCommit;

    /// <summary>Whether its caller gave up, since the budget is spent.</summary>
    public bool IsGivenUp { get; set; }

    /// <summary>Everything that was sent, in the order of its end.</summary>
    public IReadOnlyCollection<ChaosAttempt> Attempts => _attempts;

    /// <summary>The answers: more than one where it was sent again after the first.</summary>
    public IReadOnlyList<OriginatorEnvelope> Answers => [.. _attempts.Select(attempt => attempt.Answer).OfType<OriginatorEnvelope>()];

    /// <summary>The errors of attempts.</summary>
    public IReadOnlyList<ChaosError> Errors => [.. _attempts.Select(attempt => attempt.Error).OfType<ChaosError>()];

    /// <summary>It is sent for the first time now.</summary>
    public void Begin() => BeganAt = TimeProvider.System.GetTimestamp();

    /// <summary>Records what became of an attempt.</summary>
    public void Add(ChaosAttempt attempt)
    {
        if (attempt.Answer is not null) AnsweredAt = attempt.EndedAt;
        _attempts.Enqueue(attempt);
    }
}

/// <summary>One call.</summary>
/// <param name="Gateway">The number of the gateway that it was sent to.</param>
/// <param name="BeganAt">When it was sent, as a timestamp of the clock.</param>
/// <param name="EndedAt">When it ended, as a timestamp of the clock.</param>
/// <param name="Answer">The answer; null when it failed.</param>
/// <param name="Picodollars">What an envelope like this costs, as the answer says; 0 when it failed.</param>
/// <param name="Error">Why it failed; null when it was answered.</param>
internal sealed record ChaosAttempt(
    int Gateway, long BeganAt, long EndedAt, OriginatorEnvelope? Answer, long Picodollars, ChaosError? Error);
