namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>
/// Compares what Redis counts as spent with what was published: at least what surely was, at most what may have been, and
/// nobody above the budget.
/// </summary>
/// <remarks>
/// A message costs its fee, always the same, as the answers say. What a commit costs depends on the gas price of the moment:
/// it counts with the lowest and the highest price that an answer named, the latter with a margin.
/// </remarks>
/// <param name="stage">Redis, and the identities.</param>
/// <param name="history">What was published.</param>
internal sealed class ChaosMoneyCheck(ChaosStage stage, IReadOnlyCollection<ChaosPublish> history)
{
    // How much higher than in any answer the price of gas may have been in an attempt without an answer.
    private const long GasMargin = 10;

    // A failed attempt whose process or node was slow is settled this long after its end.
    private static readonly long MaxSettling = 60 * TimeProvider.System.TimestampFrequency;
    private readonly List<string> _violations = [];

    /// <summary>What must not be; empty when all held.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>The figures, a line for each identity.</summary>
    public IReadOnlyList<string> Lines { get; private set; } = [];

    /// <summary>Checks all identities.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var spent = await stage.Store.ReadSpentAsync(cancellationToken);
        var commits = Prices(isCommit: true);
        Lines =
        [
            .. stage.Identities.All.Select(identity => Check(identity, spent.GetValueOrDefault(identity.StoreKey), commits)),
        ];
    }

    private string Check(ChaosIdentity identity, long spent, (long Min, long Max) commits)
    {
        var own = history.Where(publish => publish.Identity == identity).ToList();
        var messages = Prices(isCommit: false, identity);
        var (least, most) = (0L, 0L);
        foreach (var publish in own)
        {
            var (min, max) = publish.IsCommit ? (commits.Min, commits.Max * GasMargin) : messages;
            if (publish.Answers.Count > 0) most += max;
            if (publish.Answers.Count > 0 && Counts(publish)) least += min;
            most += MaybeCharged(publish) * max;
            // What was taken before Redis lost it is given back from what was taken later.
            if (!Counts(publish)) least -= MaybeGivenBack(publish) * max;
        }

        var budget = stage.Identities.Budget;
        var answered = own.Where(publish => !publish.IsCommit && publish.Answers.Count > 0).Sum(_ => messages.Min);
        if (spent < least) Violate(identity, $"{spent} picodollars were charged, and at least {least} were surely published");
        if (spent > most) Violate(identity, $"{spent} picodollars were charged, and at most {most} may have been published");
        if (spent > budget) Violate(identity, $"{spent} picodollars were charged, above the budget of {budget}");
        if (answered > budget * (1 + stage.Store.Lost.Count))
            Violate(identity, $"messages for {answered} picodollars were published with a budget of {budget}");
        if (own.Sum(_ => messages.Min) > budget
            && identity.Habit == ChaosHabit.Spends
            && stage.Store.Lost.Count == 0
            && !own.Any(publish => publish.IsGivenUp))
            Violate(identity, "more than the budget was sent, and nothing was refused for it");
        return FormattableString.Invariant(
            $"{identity,-9} {own.Count(publish => publish.Answers.Count > 0),5} answered, {own.Count(publish => publish.IsGivenUp),4} ") +
            FormattableString.Invariant($"given up; {spent,14:N0} picodollars charged, of {Math.Max(0, least):N0} to {most:N0}");
    }

    // Whether its charge is in what Redis counts: it was first sent after Redis had lost anything.
    private bool Counts(ChaosPublish publish) => stage.Store.Lost.All(lost => lost.Until < publish.BeganAt);

    // The attempts whose charge may stay, besides the one that was answered.
    private int MaybeCharged(ChaosPublish publish)
    {
        var answers = 0;
        return publish.Attempts.Count(attempt => attempt.Error is { } error
            ? !error.IsSurelyUnsent || IsDisturbed(attempt)
            : answers++ > 0 && IsDisturbed(attempt));
    }

    // The attempts that took before a loss, and may have given back after it: they were under way, or are settled later.
    private int MaybeGivenBack(ChaosPublish publish) => publish.Attempts.Count(attempt =>
    {
        var settlesUntil = attempt.EndedAt + (attempt.Error is { IsSurelyUnsent: false } ? MaxSettling : 0);
        return stage.Store.Lost.Any(lost => lost.Overlaps(attempt.BeganAt, settlesUntil));
    });

    private bool IsDisturbed(ChaosAttempt attempt) =>
        stage.Store.Disturbed.Any(disturbed => disturbed.Overlaps(attempt.BeganAt, attempt.EndedAt));

    private (long Min, long Max) Prices(bool isCommit, ChaosIdentity? identity = null)
    {
        var prices = history
            .Where(publish => publish.IsCommit == isCommit && (identity is null || publish.Identity == identity))
            .SelectMany(publish => publish.Attempts.Where(attempt => attempt.Answer is not null).Select(attempt => attempt.Picodollars))
            .DefaultIfEmpty();
        return (prices.Min(), prices.Max());
    }

    private void Violate(ChaosIdentity identity, string what) => _violations.Add($"identity {identity}: {what}");
}
