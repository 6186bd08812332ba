namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>Prints the cases as a Markdown table, ready for the documentation.</summary>
internal static class ChainTable
{
    public static void Print(IReadOnlyList<ChainCase> cases, TextWriter output)
    {
        output.WriteLine(
            "| the chain mines | callers | gateway tx/s | p50 ms | p99 ms | bare tx/s | p50 ms | p99 ms | ratio | event alone tx/s |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var one in cases)
        {
            Line(
                output,
                $"| {one.Mining} | {one.Callers} | {one.Gateway.PerSecond:F1} | {one.Gateway.P50Milliseconds:F1} " +
                $"| {one.Gateway.P99Milliseconds:F1} | {one.Floor.PerSecond:F1} | {one.Floor.P50Milliseconds:F1} " +
                $"| {one.Floor.P99Milliseconds:F1} | {one.Ratio:F2} | {one.EventAlone.PerSecond:F1} |");
        }
        output.WriteLine();
        Line(
            output,
            $"ratio = gateway / bare transactions, both with as many callers (aim: at least 0.9; p50 at most one block and 50 ms), " +
            $"on {Environment.ProcessorCount} processors");
    }

    private static void Line(TextWriter output, string line) => output.WriteLine(line);
}
