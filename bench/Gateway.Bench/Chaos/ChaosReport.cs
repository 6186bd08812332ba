using System.Text.RegularExpressions;
using Xmtp.Gateway.Bench.AppChain;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Bench.Chaos;

/// <summary>Checks what a run left behind, and writes what it did and found.</summary>
/// <param name="plan">The arguments.</param>
/// <param name="faults">The number of injected faults.</param>
/// <param name="stage">What was published to.</param>
/// <param name="history">What was published.</param>
internal sealed partial class ChaosReport(ChaosPlan plan, int faults, ChaosStage stage, IReadOnlyCollection<ChaosPublish> history)
{
    private const int MaxLines = 20;
    private const int MaxErrorLength = 110;
    private readonly ChaosCheck _publishes = new(stage, history);
    private readonly ChaosPayerCheck _payers = new(stage, history);
    private readonly ChaosOrderCheck _order = new(stage, history);
    private readonly ChaosMoveCheck _moves = new(stage, history);
    private readonly ChaosRefusalCheck _refusals = new(stage, history);
    private readonly ChaosMoneyCheck _money = new(stage, history);
    private readonly ChaosRateCheck _rates = new(stage, history);
    private readonly ChaosWatcherCheck _watchers = new(stage);

    /// <summary>Checks everything.</summary>
    /// <returns>The violations.</returns>
    public async Task<IEnumerable<string>> CheckAsync(CancellationToken cancellationToken)
    {
        var onChain = await CommitsOnChain.FindAsync(stage.Chain.Rpc, cancellationToken);
        var atNodes = AtNodes();
        _publishes.Run(onChain, atNodes);
        _payers.Run(onChain, atNodes);
        _order.Run(onChain);
        _moves.Run(onChain);
        _refusals.Run();
        await _money.RunAsync(cancellationToken);
        _rates.Run();
        await _watchers.RunAsync(cancellationToken);
        return
        [
            .. _publishes.Violations, .. _payers.Violations, .. _order.Violations, .. _moves.Violations, .. _refusals.Violations,
            .. _money.Violations, .. _rates.Violations, .. _watchers.Violations,
        ];
    }

    /// <summary>Writes it to standard output.</summary>
    public void Write(IReadOnlyCollection<string> violations)
    {
        var commits = history.Count(publish => publish.IsCommit);
        var answered = history.Count(publish => publish.Answers.Count > 0);
        var givenUp = history.Count(publish => publish.IsGivenUp);
        var errors = history.SelectMany(publish => publish.Errors).ToList();
        Line($"seed {plan.Seed}: {faults} faults, {history.Count - commits} messages, {commits} commits");
        Line($"{answered} of {history.Count} answered, {givenUp} given up with a spent budget; {errors.Count} attempts failed:");
        foreach (var group in errors.GroupBy(error => Shorten($"{error}")).OrderByDescending(group => group.Count()).Take(MaxLines))
            Line($"  {group.Count(),5}  {group.Key}");
        Line(
            $"{_publishes.UnknowableRepetitions} messages at nodes more than once, since a process or a connection ended " +
            "(nobody could know what became of an attempt)");
        Line($"{_publishes.UnclaimedRepetitions} messages at nodes more than once, since one was sent while Redis took no claims");
        Line($"{_publishes.StoppedRepetitions} messages at nodes more than once, since a gateway was stopped while it had one");
        Line($"{_publishes.LostWithRedis} envelopes there more than once, or no more, because Redis lost what it had confirmed");
        foreach (var line in _payers.Lines) Line(line);
        Line(
            $"{_order.Compared} commits compared with the one before them in their topic, {_order.Moved} of these by another sender; " +
            $"{_order.Exceptions.Count} before it, since blocks were removed from the chain or Redis lost what it had confirmed");
        foreach (var exception in _order.Exceptions.Take(MaxLines)) Line($"  {exception}");
        Line(
            $"{_moves.Together} pairs of commits of one topic under way together, {_moves.Exceptions} of these at two senders, since " +
            "blocks were removed from the chain or Redis lost what it had confirmed");
        Line($"{_refusals.WithoutGas} attempts refused for want of gas");
        Line($"{_rates.Refused} attempts refused for their rate; a budget of {stage.Identities.Budget:N0} picodollars for each identity:");
        foreach (var line in _money.Lines) Line($"  {line}");
        Line($"{_watchers.Counted} events counted by the leading watcher");
        Line($"this process got its turn up to {stage.Pulse.MaxDelay.TotalSeconds:F1} s late");
        foreach (var violation in violations.Take(MaxLines)) Line($"VIOLATION: {violation}");
        Line(violations.Count == 0 ? "0 violations" : $"{violations.Count} violations; the schedule again: --seed {plan.Seed}");
    }

    // What each node has numbered itself.
    private ILookup<string, OriginatorEnvelopeView> AtNodes() => stage.Nodes
        .SelectMany(node => node.Store.OfOriginator(node.Id))
        .Select(envelope => OriginatorEnvelopeView.TryRead(envelope.Bytes, out var view) ? view : default)
        .ToLookup(view => Convert.ToHexString(view.ClientEnvelope.Span));

    // Without what is different in each: ports, and the seconds to wait.
    private static string Shorten(string error)
    {
        var text = Different().Replace(error, "…");
        return text.Length > MaxErrorLength ? text[..MaxErrorLength] : text;
    }

    [GeneratedRegex(@"(?<=127\.0\.0\.1:|try again in )\d+")]
    private static partial Regex Different();

    private static void Line(FormattableString text) => Console.Out.WriteLine(FormattableString.Invariant(text));

    private static void Line(string text) => Console.Out.WriteLine(text);
}
