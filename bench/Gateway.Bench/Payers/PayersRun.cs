using System.Diagnostics;
using Grpc.Core;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;
using Xmtp.Gateway.Bench.Servers;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>Starts a gateway with a payers file, lets some payers publish, and leaves it alone.</summary>
internal static class PayersRun
{
    private static readonly TimeSpan MaxStart = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Measures it.</summary>
    /// <param name="folder">The payers file.</param>
    /// <param name="plan">How many publish, and for how long it is left alone.</param>
    /// <param name="chain">The chain, behind a counter of requests.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BenchFailure">It does not publish, or another payer signs.</exception>
    public static async Task<PayersFigures> MeasureAsync(
        PayersFolder folder, PayersPlan plan, RpcMeter chain, CancellationToken cancellationToken)
    {
        var port = FreePort.Next();
        var flags = GatewayStart.Flags(port, chain.HttpUrl, "sampled");
        var began = Stopwatch.GetTimestamp();
        await using var process = ChildProcess.Start(
            "the gateway", DotnetProgram.Gateway(DotnetProgram.GatewayPath, [.. flags, "--payers-file", folder.Path]));
        _ = process.DrainAsync(CancellationToken.None);
        var server = new ServerUnderTest(process, $"http://127.0.0.1:{port}", IsGateway: true, 0);
        await GatewayStart.WaitForAsync(server, invoker => PublishAsync(invoker, 0, cancellationToken), cancellationToken, Pause, MaxStart);
        var started = Stopwatch.GetElapsedTime(began);
        using var channel = GrpcChannel.ForAddress(server.Url);
        var calls = channel.CreateCallInvoker();
        await RestAsync(plan.SettleSeconds, cancellationToken);
        var atRest = Memory(process);
        var unused = await RequestsAsync(chain, plan, cancellationToken);
        var active = Math.Min(plan.Active, folder.Count);
        List<double> first = [];
        // One payer publishes as many messages as many do together, so that memory is compared after the same work.
        for (var message = 0; message < plan.Messages * plan.Active; message++)
        {
            // Payers from the whole file.
            var payer = (int)((long)(message % active) * folder.Count / active);
            var at = Stopwatch.GetTimestamp();
            await PublishAsync(calls, payer, cancellationToken);
            if (message < active) first.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
        }

        var whenActive = Memory(process);
        await RestAsync(plan.SettleSeconds, cancellationToken);
        using var cpu = new CpuClock(process.Id);
        var (used, since) = (cpu.Read(), Stopwatch.GetTimestamp());
        var requests = await RequestsAsync(chain, plan, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(since).TotalSeconds;
        return new PayersFigures(
            folder.Count,
            active,
            started.TotalMilliseconds,
            atRest,
            whenActive,
            Medians.Of(first),
            unused,
            requests,
            (cpu.Read() - used).TotalMilliseconds / seconds);
    }

    // In a minute, while nobody publishes.
    private static async Task<double> RequestsAsync(RpcMeter chain, PayersPlan plan, CancellationToken cancellationToken)
    {
        var (counts, since) = (chain.Counts.Read(), Stopwatch.GetTimestamp());
        await RestAsync(plan.RestSeconds, cancellationToken);
        return RpcCounts.Between(counts, chain.Counts.Read(), Stopwatch.GetElapsedTime(since).TotalMinutes).Values.Sum();
    }

    private static async Task PublishAsync(CallInvoker calls, int payer, CancellationToken cancellationToken)
    {
        var request = PublishRequest.For(new LoadWindow { IsGateway = true, Seconds = 0 }).Renew();
        var options = new CallOptions(
            new Metadata { { PayersFolder.Header, PayersFolder.CallerKey(payer) } }, cancellationToken: cancellationToken);
        var answer = await calls.AsyncUnaryCall(PublishMethods.ToGateway, null, options, request);
        AnswerCheck.Check(request, answer, PayersFolder.AddressOf(payer));
    }

    private static long Memory(ChildProcess process) =>
        ProcessFigures.Read(process.Id)?.ResidentBytes ?? throw new BenchFailure("the gateway has ended");

    private static Task RestAsync(double seconds, CancellationToken cancellationToken) =>
        Task.Delay(TimeSpan.FromSeconds(seconds), TimeProvider.System, cancellationToken);
}
