namespace Xmtp.Gateway.Bench.Publish;

/// <summary>Prints a <see cref="PublishReport"/> as Markdown tables, ready for the documentation.</summary>
internal static class ReportTable
{
    public static void Print(PublishReport report, TextWriter output)
    {
        PrintCases(report, output);
        PrintParts(report, output);
        PrintAllocations(report, output);
        PrintVerdict(report, output);
    }

    private static void PrintCases(PublishReport report, TextWriter output)
    {
        output.WriteLine("| callers | envelopes a call | server | publishes/s | p50 ms | p99 ms | CPU µs a publish |");
        output.WriteLine("| ---: | ---: | --- | ---: | ---: | ---: | ---: |");
        foreach (var one in report.Cases)
        {
            Row(output, one, "gateway", one.Gateway);
            Row(output, one, "proxy", one.Proxy);
        }
        output.WriteLine();
    }

    private static void Row(TextWriter output, PublishCase one, string server, ServerFigures figures) => Line(
        output,
        $"| {one.Callers} | {one.EnvelopesPerCall} | {server} | {figures.PublishesPerSecond:N0} | {figures.P50Milliseconds:F2} " +
        $"| {figures.P99Milliseconds:F2} | {figures.CpuMicroseconds:F1} |");

    private static void PrintParts(PublishReport report, TextWriter output)
    {
        var headline = report.Headline();
        var half = report.HalfRate;
        output.WriteLine("| part of the floor | CPU µs |");
        output.WriteLine("| --- | ---: |");
        Line(output, $"| proxy, 64 callers, one envelope a call | {headline.Proxy.CpuMicroseconds:F1} |");
        Line(output, $"| one signature, {report.Curve.Implementation} | {report.Curve.SignatureMicroseconds:F1} |");
        Line(output, $"| one hash of 1 KB | {report.Curve.HashMicroseconds:F1} |");
        output.WriteLine();
        Line(output, $"| at {half.CallsPerSecond:N0} calls/s, half of the gateway's highest | p50 ms | p99 ms | CPU µs a publish |");
        output.WriteLine("| --- | ---: | ---: | ---: |");
        Line(
            output,
            $"| gateway | {half.Gateway.P50Milliseconds:F2} | {half.Gateway.P99Milliseconds:F2} | {half.Gateway.CpuMicroseconds:F1} |");
        Line(output, $"| proxy | {half.Proxy.P50Milliseconds:F2} | {half.Proxy.P99Milliseconds:F2} | {half.Proxy.CpuMicroseconds:F1} |");
        output.WriteLine();
    }

    private static void PrintAllocations(PublishReport report, TextWriter output)
    {
        output.WriteLine("| envelope | allocated a publish, gateway | proxy |");
        output.WriteLine("| ---: | ---: | ---: |");
        foreach (var one in report.Allocations)
            Line(output, $"| {one.EnvelopeBytes / 1024} KB | {one.GatewayBytes / 1024:F1} KB | {one.ProxyBytes / 1024:F1} KB |");
        output.WriteLine();
    }

    private static void PrintVerdict(PublishReport report, TextWriter output)
    {
        Line(
            output,
            $"ratio {report.Ratio:F2} = (proxy + signature + hash) / gateway, CPU a publish at 64 callers, one envelope a call (aim: " +
            $"at least 0.85)");
        if (report.RatioVerifyingAll is { } all) Line(output, $"ratio {all:F2} when every answer's signature is checked");
        Line(output, $"p99 ratio {report.HalfRate.P99Ratio:F2} = gateway / proxy at half of the gateway's highest rate (aim: at most 1.5)");
        Line(output, $"measured on {report.Machine}");
    }

    private static void Line(TextWriter output, string line) => output.WriteLine(line);
}
