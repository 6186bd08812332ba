using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Coalesce;

/// <summary>Everything that <c>coalesce</c> measured; with <c>--json</c> it is printed as it is.</summary>
/// <param name="Many">64 callers.</param>
/// <param name="Few">4 callers: none of them waits.</param>
/// <param name="Lone">One caller.</param>
/// <param name="Without">63 callers, whose envelopes are accepted.</param>
/// <param name="Refused">The same beside one whose envelopes are all refused.</param>
internal sealed record CoalesceReport(OnAndOff Many, OnAndOff Few, OnAndOff Lone, OnAndOff Without, OnAndOff Refused)
{
    /// <summary>Publishes/s with coalescing over those without it, at 64 callers.</summary>
    public double RateRatio => Many.On.PublishesPerSecond / Many.Off.PublishesPerSecond;

    /// <summary>The same of the median latency.</summary>
    public double P50Ratio => Many.On.P50Milliseconds / Many.Off.P50Milliseconds;

    /// <summary>The same of one caller.</summary>
    public double LoneP50Ratio => Lone.On.P50Milliseconds / Lone.Off.P50Milliseconds;

    /// <summary>Publishes/s of 63 callers beside one whose envelopes are refused, over those without it.</summary>
    public double RefusedRatio => Refused.On.PublishesPerSecond / Without.On.PublishesPerSecond;

    public void Print(TextWriter output)
    {
        output.WriteLine("| callers | refused | coalescing | publishes/s | p50 ms | p99 ms | CPU µs a publish |");
        output.WriteLine("| ---: | ---: | --- | ---: | ---: | ---: | ---: |");
        foreach (var one in new[] { Many, Few, Lone, Without, Refused })
        {
            Row(output, one, "on", one.On);
            Row(output, one, "off", one.Off);
        }
        output.WriteLine();
        output.WriteLine($"{RateRatio:F2} times the publishes/s at 64 callers (aim: at least 1.7), p50 {P50Ratio:F2} (aim: at most 0.6)");
        output.WriteLine($"p50 of a lone caller {LoneP50Ratio:F2} (aim: 1)");
        output.WriteLine($"beside a caller whose envelopes are refused the others publish {RefusedRatio:F2} (aim: at least 0.9)");
    }

    private static void Row(TextWriter output, OnAndOff one, string coalescing, ServerFigures figures) => output.WriteLine(
        $"| {one.Callers} | {one.Refused} | {coalescing} | {figures.PublishesPerSecond:N0} | {figures.P50Milliseconds:F2} " +
        $"| {figures.P99Milliseconds:F2} | {figures.CpuMicroseconds:F1} |");
}

/// <summary>One case, with and without coalescing.</summary>
/// <param name="Callers">Callers whose envelopes are accepted; the figures are theirs.</param>
/// <param name="Refused">Callers whose envelopes are refused.</param>
/// <param name="On">With coalescing.</param>
/// <param name="Off">Without it.</param>
internal sealed record OnAndOff(int Callers, int Refused, ServerFigures On, ServerFigures Off);
