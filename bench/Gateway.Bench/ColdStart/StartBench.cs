using System.Globalization;
using Xmtp.Gateway.Bench.Load;

namespace Xmtp.Gateway.Bench.ColdStart;

/// <summary>
/// How long a gateway takes from its start to its first answer, and what its first publishes cost: this build beside others.
/// </summary>
internal sealed class StartBench : IBenchCommand
{
    public string Name => "start";

    public string? Summary =>
        "a start to its first answer, and the first 1,000 publishes: this build and others  [NAME=PROGRAM]... [--json] [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var quick = args.Contains("--quick");
        StartedProgram[] programs =
        [
            StartedProgram.Own, .. args.Where(arg => !arg.StartsWith("--", StringComparison.Ordinal)).Select(StartedProgram.Parse),
        ];
        await using var stage = await ColdStage.StartAsync(cancellationToken);
        // The first start of each reads its files from the disk, and is not counted.
        var none = new LoadWindow { Seconds = 0 };
        foreach (var program in programs) await ColdRun.MeasureAsync(program, stage, none, cancellationToken);
        var warm = quick ? none : new LoadWindow { IsGateway = true, Callers = 64, RampSeconds = 12, Seconds = 4 };
        var rounds = quick ? 3 : 5;
        var runs = programs.Select(_ => new List<ColdRun>(rounds)).ToArray();
        for (var round = 1; round <= rounds; round++)
        {
            await Console.Error.WriteLineAsync($"round {round} of {rounds}");
            for (var i = 0; i < programs.Length; i++)
                runs[i].Add(await ColdRun.MeasureAsync(programs[i], stage, warm, cancellationToken));
        }

        var figures = programs.Zip(runs, (program, all) => (Program: program, Figures: ColdRun.Median(all))).ToArray();
        if (args.Contains("--json"))
        {
            Console.WriteLine(BenchJson.Write(figures.Select(one => new { one.Program.Name, one.Program.Bytes, one.Figures })));
        }
        else
        {
            Print(figures);
        }

        return 0;
    }

    private static void Print((StartedProgram Program, ColdRun Figures)[] all)
    {
        Console.WriteLine(
            "| program | MB | first answer ms | CPU ms until then | MiB then | CPU µs, each of the first 1,000 | warm publishes/s " +
            "| CPU µs, warm |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (program, run) in all)
        {
            var size = program.Bytes is { } bytes ? (bytes / 1e6).ToString("F0", CultureInfo.InvariantCulture) : "";
            Console.WriteLine(
                $"| {program.Name} | {size} | {run.FirstAnswerMilliseconds:N0} | {run.StartCpuMilliseconds:N0} " +
                $"| {run.ResidentBytes / (1 << 20):F0} | {run.ColdCpuMicroseconds:N0} | {run.Warm?.PublishesPerSecond:N0} " +
                $"| {run.Warm?.CpuMicroseconds:F1} |");
        }

        Console.WriteLine();
        var own = all[0].Figures;
        foreach (var (program, run) in all[1..])
        {
            Console.WriteLine(
                $"{program.Name} / {all[0].Program.Name}: " +
                $"{run.FirstAnswerMilliseconds / own.FirstAnswerMilliseconds:F2} of the first answer's time, " +
                $"{run.ColdCpuMicroseconds / own.ColdCpuMicroseconds:F2} of the CPU of the first 1,000 publishes" +
                (run.Warm is { } warm ? $", {warm.PublishesPerSecond / own.Warm!.PublishesPerSecond:F2} of the publishes/s, warm" : ""));
        }
    }
}
