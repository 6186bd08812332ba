namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Checks that nobody was refused for want of a payer while the payers file had it, or for want of gas while one of the payer's senders
/// had some.
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

    /// <summary>Checks all attempts.</summary>
    public void Run()
    {
        foreach (var publish in history)
        {
            var refused = publish.Attempts.Where(attempt => attempt.Error is not null).ToList();
            if (refused.Any(attempt => attempt.Error!.HasNoPayer && !WasOut(publish.Identity.Payer, attempt)))
                _violations.Add(_attempts.Show(publish, "it was refused for want of a payer, which the payers file had"));
            if (refused.Any(attempt => attempt.Error!.HasNoGas && !MayBeEmpty(publish.Identity.Payer, attempt)))
                _violations.Add(_attempts.Show(publish, "it was refused for want of gas, which a sender of its payer had"));
        }
    }

    private bool WasOut(ChaosPayer payer, ChaosAttempt attempt) => stage.Payers.File?.Absences.Any(absence =>
        absence.Payer == payer && absence.Span.Overlaps(attempt.BeganAt - MaxHeal, attempt.EndedAt)) == true;

    // A reorganization may have made those empty again that had got gas.
    private bool MayBeEmpty(ChaosPayer payer, ChaosAttempt attempt) =>
        payer.Senders.All(sender => stage.Payers.Emptied.Any(emptied => emptied.Sender == sender && emptied.At <= attempt.EndedAt));
}
