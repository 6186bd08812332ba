using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Chaos;

namespace Xmtp.Gateway.Bench.Soak;

/// <summary>
/// Publishes for a long time at half of the highest rate, with a fault a minute, and compares the end with the beginning:
/// memory, handles, connections, and how long answers take. It exits with 1 when something grew.
/// </summary>
internal sealed class SoakBench : IBenchCommand
{
    private const int Callers = 64;
    private const int Users = 8;
    private const int MaxLines = 12;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan MaxDrain = TimeSpan.FromSeconds(60);

    public string Name => "soak";

    public string? Summary =>
        "publishes for long at half of the highest rate with a fault a minute: nothing may grow  [--minutes 20] [--gateways 2] " +
        "[--rate N] [--commits 2]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux()) throw new BenchFailure("soak reads /proc: it runs on Linux");
        var plan = SoakPlan.Read(args);
        var tokens = BenchToken.Create([.. Enumerable.Range(1, Users).Select(i => $"soak-{i}")]);
        await using var stage = await ChaosStage.StartAsync(plan.Stage(tokens), cancellationToken);
        using var callers = new SoakCallers(stage.Urls, tokens);
        Progress("the highest rate");
        var highest = await callers.MeasureHighestAsync(Callers, WarmUp, Measured, cancellationToken);
        var rate = plan.Rate ?? highest / 2;
        Line($"the highest rate of {plan.Gateways} gateways with {Callers} callers: {highest:N0} messages/s");
        Line($"{plan.Minutes:0.#} minutes at {rate:N0} messages/s and {plan.Commits:0.#} commits/s");

        var answered = callers.Answered;
        using var loading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var draining = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var watch = new SoakWatch(stage, plan);
        var load = Task.WhenAll(
            callers.PublishAsync(rate, watch.Add, loading.Token, draining.Token),
            callers.CommitAsync(plan.Commits, loading.Token, draining.Token));
        var faults = SoakFaults.InjectAsync(stage, plan, cancellationToken);
        var windows = await watch.RunAsync(cancellationToken);
        List<string> violations = [];
        await loading.CancelAsync();
        draining.CancelAfter(MaxDrain);
        try
        {
            await load;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            violations.Add($"some commits were not answered within {MaxDrain.TotalSeconds} s after the end");
        }

        if (callers.Answered < callers.Sent)
            violations.Add($"{callers.Sent - callers.Answered} messages were not answered within {MaxDrain.TotalSeconds} s after the end");
        if (callers.Behind > 0) violations.Add($"{callers.Behind} messages were not sent, because too many had no answer yet");
        Line($"{callers.Answered - answered:N0} messages and {callers.Commits:N0} commits answered, {await faults} faults");
        Line($"{callers.Failures.Values.Sum():N0} attempts failed and were made again:");
        foreach (var (text, count) in callers.Failures.OrderByDescending(failure => failure.Value).Take(MaxLines))
            Line($"  {count,6}  {text}");
        Line("");
        var report = new SoakReport(plan, windows, Console.Out);
        report.Write();
        violations.AddRange(report.Violations);
        foreach (var violation in violations) Line($"VIOLATION: {violation}");
        Line($"{violations.Count} violations");
        return violations.Count == 0 ? 0 : 1;
    }

    private static void Progress(string text) => Console.Error.WriteLine(text);

    private static void Line(string text) => Console.Out.WriteLine(text);
}
