using Xmtp.Gateway.Bench.AppChain;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>Checks that a commit that was sent after another one of its topic was answered is behind it on the chain.</summary>
/// <param name="stage">The chain, and when blocks were removed from it.</param>
/// <param name="history">What was published.</param>
internal sealed class ChaosOrderCheck(ChaosStage stage, IReadOnlyCollection<ChaosPublish> history)
{
    private readonly List<string> _violations = [];
    private readonly List<string> _exceptions = [];
    private readonly ChaosAttempts _attempts = new(stage);

    /// <summary>What must not be; empty when all held.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>
    /// The commits that are before an earlier one of their topic, where that may be: a reorganization removed one of two senders, or
    /// Redis lost what it had confirmed.
    /// </summary>
    public IReadOnlyList<string> Exceptions => _exceptions;

    /// <summary>How many pairs of commits were compared.</summary>
    public int Compared { get; private set; }

    /// <summary>In how many of them the later one has another sender.</summary>
    public int Moved { get; private set; }

    /// <summary>Checks all commits that have one before them, where both are on chain once.</summary>
    /// <param name="onChain">The commits of the chain, by their bytes.</param>
    public void Run(ILookup<string, CommitOnChain> onChain)
    {
        foreach (var (publish, before) in history.SelectMany(publish => publish.After.Select(before => (publish, before))))
        {
            if (onChain[before.Key].ToList() is not [var first] || onChain[publish.Key].ToList() is not [var second]) continue;
            Compared++;
            var hasMoved = first.Sender != second.Sender;
            if (hasMoved) Moved++;
            if (first.SequenceId < second.SequenceId) continue;
            var what = $"it is number {second.SequenceId} by {second.Sender}, and the one before it in its topic, which was answered " +
                $"before this one was sent, is number {first.SequenceId} by {first.Sender}";
            if (stage.Store.Lost.Any(lost => lost.Overlaps(before.BeganAt, publish.AnsweredAt ?? long.MaxValue)))
                _exceptions.Add(_attempts.Show(publish, $"{what}; Redis lost what it had confirmed"));
            else if (hasMoved && stage.Reorganizations.Any(removed => removed.Overlaps(before.BeganAt, long.MaxValue)))
                _exceptions.Add(_attempts.Show(publish, $"{what}; blocks were removed from the chain"));
            else
                _violations.Add(_attempts.Show(publish, what));
        }
    }
}
