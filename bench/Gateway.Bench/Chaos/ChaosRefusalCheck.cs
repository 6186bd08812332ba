namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Checks that nobody was refused for want of a payer while the payers file had it, and counts who was refused for want of gas.
/// </summary>
/// <param name="stage">The payers, and what faults did to them.</param>
/// <param name="history">What was published.</param>
internal sealed class ChaosRefusalCheck(ChaosStage stage, IReadOnlyCollection<ChaosPublish> history)
{
    // When a fault ends, publishing continues within this time.
    private static readonly long MaxHeal = 30 * TimeProvider.System.TimestampFrequency;
    private readonly List<string> _violations = [];
    private readonly ChaosAttempts _attempts = new(stage);

    /// <summary>What must not be; empty when all held.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>
    /// How many attempts were refused for want of gas: their topic had something under way at a sender without gas, or all senders were
    /// unavailable, stuck or without gas.
    /// </summary>
    public int WithoutGas { get; private set; }

    /// <summary>Checks all attempts.</summary>
    public void Run()
    {
        WithoutGas = history.Sum(publish => publish.Errors.Count(error => error.HasNoGas));
        if (WithoutGas > 0 && stage.Payers.Emptied.Count == 0)
            _violations.Add($"{WithoutGas} attempts were refused for want of gas, which no account was without");
        foreach (var publish in history)
        {
            var refused = publish.Attempts.Where(attempt => attempt.Error is { HasNoPayer: true });
            if (!refused.All(attempt => WasOut(publish.Identity.Payer, attempt)))
                _violations.Add(_attempts.Show(publish, "it was refused for want of a payer, which the payers file had"));
        }
    }

    private bool WasOut(ChaosPayer payer, ChaosAttempt attempt) => stage.Payers.File?.Absences.Any(absence =>
        absence.Payer == payer && absence.Span.Overlaps(attempt.BeganAt - MaxHeal, attempt.EndedAt)) == true;
}
