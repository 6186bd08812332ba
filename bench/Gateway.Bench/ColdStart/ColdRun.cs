using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Servers;

namespace Xmtp.Gateway.Bench.ColdStart;

/// <summary>One start of a gateway, with its first publishes and what it does once it is warm.</summary>
/// <param name="FirstAnswerMilliseconds">From the start of the process to the first answer to a publish.</param>
/// <param name="StartCpuMilliseconds">Its processor time until then.</param>
/// <param name="ResidentBytes">Its memory in RAM at that moment.</param>
/// <param name="ColdCpuMicroseconds">Its processor time for each of the next 1,000 publishes of one caller.</param>
/// <param name="Warm">The figures of 64 callers after a warm-up; null where that was not asked for.</param>
internal sealed record ColdRun(
    double FirstAnswerMilliseconds,
    double StartCpuMilliseconds,
    double ResidentBytes,
    double ColdCpuMicroseconds,
    ServerFigures? Warm)
{
    private const int FirstPublishes = 1000;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2);

    /// <summary>Starts a gateway, measures it and ends it.</summary>
    /// <param name="program">The build.</param>
    /// <param name="stage">What it works on.</param>
    /// <param name="warm">The load once it is warm; its ramp is the warm-up. Without seconds there is none.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BenchFailure">It does not publish, or publishes something else.</exception>
    public static async Task<ColdRun> MeasureAsync(
        StartedProgram program, ColdStage stage, LoadWindow warm, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        var start = program.With(GatewayStart.Flags(port, stage.Chain, "sampled"));
        start.Environment["XMTPD_PAYER_PRIVATE_KEY"] = Stage.PayerKey;
        var began = Stopwatch.GetTimestamp();
        await using var process = ChildProcess.Start(program.Name, start);
        _ = process.DrainAsync(CancellationToken.None);
        var server = new ServerUnderTest(process, $"http://127.0.0.1:{port}", IsGateway: true, AllocationPort: 0);
        await GatewayStart.WaitAsync(server, null, cancellationToken, pause: Pause);
        var answered = Stopwatch.GetElapsedTime(began);
        using var cpu = new CpuClock(process.Id);
        var atAnswer = cpu.Read();
        var memory = ProcessFigures.Read(process.Id)?.ResidentBytes ?? 0;

        using var channel = GrpcChannel.ForAddress(server.Url);
        var (calls, options) = (channel.CreateCallInvoker(), new CallOptions(cancellationToken: cancellationToken));
        var request = PublishRequest.For(new LoadWindow { IsGateway = true, Seconds = 0 });
        for (var i = 0; i < FirstPublishes; i++)
            await calls.AsyncUnaryCall(PublishMethods.ToGateway, null, options, request.Renew());
        var cold = cpu.Read() - atAnswer;
        var figures = warm.Seconds > 0
            ? (await new Contest(stage.Generator).RunAsync(warm, 1, cancellationToken, server))[0]
            : null;
        return new ColdRun(
            answered.TotalMilliseconds,
            atAnswer.TotalMilliseconds,
            memory,
            cold.TotalMicroseconds / FirstPublishes,
            figures);
    }

    /// <summary>The median of each figure; the warm ones are those of the run with the median of publishes/s.</summary>
    public static ColdRun Median(IReadOnlyList<ColdRun> runs)
    {
        return new(
            Of(run => run.FirstAnswerMilliseconds),
            Of(run => run.StartCpuMilliseconds),
            Of(run => run.ResidentBytes),
            Of(run => run.ColdCpuMicroseconds),
            runs.OrderBy(run => run.Warm?.PublishesPerSecond).ElementAt(runs.Count / 2).Warm);

        double Of(Func<ColdRun, double> figure) => Medians.Of(runs.Select(figure));
    }
}
