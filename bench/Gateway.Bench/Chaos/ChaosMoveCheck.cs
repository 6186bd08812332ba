using Xmtp.Gateway.Bench.AppChain;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>Checks that commits of one topic that were under way at the same time have the same sender.</summary>
/// <remarks>
/// A commit is under way at least from when the RPC provider first got its transaction until the last time at which the block that has
/// it was not mined.
/// </remarks>
/// <param name="stage">The chain, and what the RPC provider got.</param>
/// <param name="history">What was published.</param>
internal sealed class ChaosMoveCheck(ChaosStage stage, IReadOnlyCollection<ChaosPublish> history)
{
    private readonly List<string> _violations = [];
    private readonly ChaosAttempts _attempts = new(stage);

    /// <summary>What must not be; empty when all held.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>How many pairs of commits of one topic were under way at the same time.</summary>
    public int Together { get; private set; }

    /// <summary>
    /// Those of them that have two senders, where that may be: Redis lost what it had confirmed meanwhile, or blocks were removed from
    /// the chain, so that they were mined once more.
    /// </summary>
    public int Exceptions { get; private set; }

    /// <summary>Checks all commits that are on chain once.</summary>
    /// <param name="onChain">The commits of the chain, by their bytes.</param>
    public void Run(ILookup<string, CommitOnChain> onChain)
    {
        foreach (var topic in history.Where(publish => publish.IsCommit).GroupBy(publish => publish.Envelope.Aad.TargetTopic))
        {
            var commits = topic
                .Select(publish => (Publish: publish, Commits: onChain[publish.Key].ToList()))
                .Where(one => one.Commits.Count == 1)
                .Select(one => (one.Publish, Commit: one.Commits[0], Span: UnderWay(one.Publish, one.Commits[0])))
                .Where(one => one.Span is not null)
                .OrderBy(one => one.Span!.Value.From)
                .ToList();
            for (var i = 0; i < commits.Count; i++)
            {
                foreach (var later in commits.Skip(i + 1).Where(later => later.Span!.Value.Overlaps(commits[i].Span!.Value)))
                    Check((commits[i].Commit, commits[i].Span!.Value), (later.Publish, later.Commit, later.Span!.Value));
            }
        }
    }

    private void Check((CommitOnChain Commit, ChaosSpan Span) earlier, (ChaosPublish Publish, CommitOnChain Commit, ChaosSpan Span) later)
    {
        Together++;
        if (earlier.Commit.Sender == later.Commit.Sender) return;
        var both = new ChaosSpan(earlier.Span.From, Math.Max(earlier.Span.Until, later.Span.Until));
        if (stage.Store.Lost.Concat(stage.Reorganizations).Any(both.Overlaps)) Exceptions++;
        else
            _violations.Add(_attempts.Show(
                later.Publish,
                $"it was sent by {later.Commit.Sender} while another one of its topic was under way at {earlier.Commit.Sender}"));
    }

    private ChaosSpan? UnderWay(ChaosPublish publish, CommitOnChain commit) =>
        stage.Rpc.FirstGot.TryGetValue((commit.Sender, commit.Nonce, publish.Key), out var from)
        && stage.Blocks.Before(commit.Block) is { } until
        && from <= until
            ? new ChaosSpan(from, until)
            : null;
}
