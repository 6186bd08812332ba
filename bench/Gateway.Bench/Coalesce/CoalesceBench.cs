using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Coalesce;

/// <summary>The gateway with and without coalescing, in front of a node that takes as long as a real one.</summary>
internal sealed class CoalesceBench : IBenchCommand
{
    private const string CallCost = "500us", EnvelopeCost = "450us";

    public string Name => "coalesce";

    public string? Summary =>
        $"with and without coalescing, at a node of {CallCost} a call, {EnvelopeCost} an envelope  [--call-cost T] [--envelope-cost T] " +
        "[--json] [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var quick = args.Contains("--quick");
        await using var stage = await Stage.StartAsync(
            cancellationToken,
            "--call-cost", Option("--call-cost") ?? CallCost,
            "--envelope-cost", Option("--envelope-cost") ?? EnvelopeCost);
        var off = await stage.StartGatewayAsync("sampled", ["--payer.max-coalesced-envelopes", "0"], null, cancellationToken);
        var contest = new Contest(stage.Generator);
        var (rounds, seconds) = quick ? (2, 1.5) : (7, 4.0);
        var many = new LoadWindow { Callers = 64, Seconds = seconds };
        var few = many with { Callers = 4 };
        var lone = many with { Callers = 1 };
        var without = many with { Callers = 63 };
        var refused = without with { RefusedCallers = 1 };

        await Console.Error.WriteLineAsync("warming up");
        await contest.RunAsync(many with { Seconds = quick ? 4 : 16 }, 1, cancellationToken, stage.Gateway, off);
        var report = new CoalesceReport(
            await RunAsync(many, stage.Gateway, off),
            await RunAsync(few, stage.Gateway, off),
            await RunAsync(lone, stage.Gateway, off),
            await RunAsync(without, stage.Gateway, off),
            await RunAsync(refused, stage.Gateway, off));
        if (args.Contains("--json")) Console.Out.WriteLine(BenchJson.Write(report));
        else report.Print(Console.Out);
        return 0;

        string? Option(string name) => Array.IndexOf(args, name) is >= 0 and var at && at + 1 < args.Length ? args[at + 1] : null;

        async Task<OnAndOff> RunAsync(LoadWindow window, ServerUnderTest with, ServerUnderTest withNone)
        {
            var beside = window.RefusedCallers > 0 ? $" beside {window.RefusedCallers} whose envelopes are refused" : "";
            await Console.Error.WriteLineAsync($"{window.Callers} callers{beside}");
            var figures = await contest.RunAsync(window, rounds, cancellationToken, with, withNone);
            return new OnAndOff(window.Callers, window.RefusedCallers, figures[0], figures[1]);
        }
    }
}
