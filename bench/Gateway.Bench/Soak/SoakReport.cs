namespace Xmtp.Gateway.Bench.Soak;

/// <summary>Prints what a long run saw, and says what grew.</summary>
/// <param name="plan">The arguments.</param>
/// <param name="windows">What was seen.</param>
/// <param name="output">Where it is printed.</param>
internal sealed class SoakReport(SoakPlan plan, IReadOnlyList<SoakWindow> windows, TextWriter output)
{
    private const double MaxMemory = 1.1;
    private const double MaxTime = 1.2;

    // A gateway has some tens of them; one or two connections more are no growth.
    private const int MoreHandles = 8;
    private const double Megabyte = 1024 * 1024;
    private readonly List<string> _violations = [];

    /// <summary>What grew.</summary>
    public IReadOnlyList<string> Violations => _violations;

    /// <summary>Prints the figures of all windows, and compares the last with the first.</summary>
    public void Write()
    {
        output.WriteLine("| minutes | messages/s | p50 ms | p99 ms | p99.9 ms | p99 ms, far from a fault |");
        output.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: |");
        for (var i = 0; i < windows.Count; i++)
        {
            var times = windows[i].Times;
            Line(
                $"| {Span(i)} | {times.Calls / plan.Window.TotalSeconds:N0} | {times.Percentile(0.5):F2} | {times.Percentile(0.99):F2} " +
                $"| {times.Percentile(0.999):F1} | {windows[i].Steady.Percentile(0.99):F2} |");
        }

        output.WriteLine();
        output.WriteLine("| gateway | minute | managed heap MB | RSS MB | handles | sockets |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        for (var gateway = 0; gateway < plan.Gateways; gateway++)
        {
            for (var i = 0; i < windows.Count; i++)
            {
                var (heap, process) = windows[i].Gateways[gateway];
                Line(
                    $"| {Name(gateway)} | {(plan.Window * (i + 1)).TotalMinutes:0.#} | {heap / Megabyte:F1} " +
                    $"| {process.ResidentBytes / Megabyte:F1} | {process.Handles} | {process.Sockets} |");
            }
        }

        output.WriteLine();
        Compare("p99 far from a fault", windows[0].Steady.Percentile(0.99), windows[^1].Steady.Percentile(0.99), MaxTime, 0);
        // The last gateway is another process in each window.
        for (var gateway = 0; gateway < plan.Gateways - 1; gateway++)
        {
            var (first, last) = (windows[0].Gateways[gateway], windows[^1].Gateways[gateway]);
            Compare($"managed heap of gateway {gateway}", first.HeapBytes, last.HeapBytes, MaxMemory, 0);
            Compare($"RSS of gateway {gateway}", first.Process.ResidentBytes, last.Process.ResidentBytes, MaxMemory, 0);
            Compare($"handles of gateway {gateway}", first.Process.Handles, last.Process.Handles, MaxMemory, MoreHandles);
            Compare($"sockets of gateway {gateway}", first.Process.Sockets, last.Process.Sockets, MaxMemory, MoreHandles);
        }
    }

    private void Compare(string what, double first, double last, double max, double more)
    {
        var ratio = last / first;
        Line($"ratio {ratio:F2} = {what}, the last {Minutes} minutes / the first {Minutes} (at most {max:F1})");
        if (last > Math.Max(first * max, first + more))
            _violations.Add($"{what} grew: {ratio:F2} times what it was, at most {max:F1} is flat");
    }

    private string Minutes => $"{plan.Window.TotalMinutes:0.#}";

    private string Name(int gateway) => gateway < plan.Gateways - 1 ? $"{gateway}" : $"{gateway}, killed in each window";

    private string Span(int window) =>
        $"{(plan.Window * window).TotalMinutes:0.#}-{(plan.Window * (window + 1)).TotalMinutes:0.#}";

    private void Line(string text) => output.WriteLine(text);
}
