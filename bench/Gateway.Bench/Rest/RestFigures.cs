namespace Xmtp.Gateway.Bench.Rest;

/// <summary>What one gateway takes. Processor time is in milliseconds a second, memory in RAM in bytes.</summary>
/// <param name="Gateway">Which build, environment and store.</param>
/// <param name="AtRest">Processor time after the start, without any caller.</param>
/// <param name="AtRestAgain">The same after the load.</param>
/// <param name="At5">Processor time at 5 messages a second.</param>
/// <param name="At20">Processor time at 20 messages a second.</param>
/// <param name="P50At5">Median latency at 5 messages a second, in milliseconds.</param>
/// <param name="MemoryAtRest">Memory after the start.</param>
/// <param name="MemoryAfterLoad">Memory at the end of the load.</param>
/// <param name="MemoryAtRestAgain">Memory when it has rested after the load.</param>
/// <param name="LoadPerSecond">Publishes a second of the main part of the load.</param>
/// <param name="LoadCpuMicroseconds">Processor time of such a publish, in microseconds.</param>
internal sealed record RestFigures(
    string Gateway,
    double AtRest = 0,
    double AtRestAgain = 0,
    double At5 = 0,
    double At20 = 0,
    double P50At5 = 0,
    long MemoryAtRest = 0,
    long MemoryAfterLoad = 0,
    long MemoryAtRestAgain = 0,
    double LoadPerSecond = 0,
    double LoadCpuMicroseconds = 0)
{
    private const double Mebibyte = 1024 * 1024;

    /// <summary>Prints the figures of all gateways, and the aims.</summary>
    public static void Print(IReadOnlyList<RestFigures> all, TextWriter output)
    {
        output.WriteLine(
            "| gateway | at rest ms/s | again, after load | 5/s: ms/s | 20/s: ms/s | p50 at 5/s, ms | RAM at rest MiB | after load | " +
            "at rest again | load: publishes/s | CPU µs a publish |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var one in all)
        {
            output.WriteLine(
                $"| {one.Gateway} | {one.AtRest:F2} | {one.AtRestAgain:F2} | {one.At5:F1} | {one.At20:F1} | {one.P50At5:F2} | " +
                $"{one.MemoryAtRest / Mebibyte:F0} | {one.MemoryAfterLoad / Mebibyte:F0} | {one.MemoryAtRestAgain / Mebibyte:F0} | " +
                $"{one.LoadPerSecond:N0} | {one.LoadCpuMicroseconds:F1} |");
        }

        output.WriteLine();
        output.WriteLine(
            "aims: at rest at most 0.6 ms of processor time a second and 60 MiB, at 5 messages a second at most 6 ms, after load at most " +
            "140 MiB");
    }
}
