namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Checks that in no part of the run an identity published more than its rate limit has for it: the burst, and what is
/// refilled meanwhile.
/// </summary>
/// <param name="stage">Redis, and the identities.</param>
/// <param name="history">What was published.</param>
internal sealed class ChaosRateCheck(ChaosStage stage, IReadOnlyCollection<ChaosPublish> history)
{
    private readonly List<string> _violations = [];

    /// <summary>What must not be; empty when all held.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>How many attempts were refused for their rate.</summary>
    public int Refused { get; private set; }

    /// <summary>Checks all identities.</summary>
    public void Run()
    {
        Refused = history.Sum(publish => publish.Errors.Count(error => error.IsOverLimit));
        foreach (var identity in stage.Identities.All) Check(identity);
        if (Refused == 0 && history.Count(publish => publish.Identity.Habit == ChaosHabit.Bursts) >= ChaosIdentities.BurstSent)
            _violations.Add("bursts were sent, and no call was refused for its rate");
    }

    // An envelope took from the limit between its first attempt and its first answer.
    private void Check(ChaosIdentity identity)
    {
        var taken = history
            .Where(publish => publish.Identity == identity && publish.Answers.Count > 0)
            .Select(publish => new ChaosSpan(publish.BeganAt, publish.Attempts.First(attempt => attempt.Answer is not null).EndedAt))
            .OrderBy(span => span.Until)
            .ToList();
        foreach (var from in taken.Select(span => span.From).Distinct())
        {
            var count = 0;
            foreach (var span in taken.Where(span => span.From >= from))
            {
                count++;
                if (count <= Most(from, span.Until)) continue;
                var seconds = TimeProvider.System.GetElapsedTime(from, span.Until).TotalSeconds;
                var most = Most(from, span.Until);
                _violations.Add(FormattableString.Invariant(
                    $"identity {identity}: {count} envelopes were published in {seconds:F2} s, and its rate limit has {most:F0}"));
                return;
            }
        }
    }

    // Each loss of Redis fills the limit up.
    private double Most(long from, long until) =>
        (ChaosIdentities.Burst * (1 + stage.Store.Lost.Count(lost => lost.Overlaps(from, until))))
        + (ChaosIdentities.PerSecond * TimeProvider.System.GetElapsedTime(from, until).TotalSeconds) + 1;
}
