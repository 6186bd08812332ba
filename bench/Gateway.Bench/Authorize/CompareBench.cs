using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Authorize;

/// <summary>What a publish costs in this gateway beside another build of it, which takes the same flags.</summary>
internal sealed class CompareBench : IBenchCommand
{
    public string Name => "compare";

    public string? Summary => "this gateway beside another build of it: xmtp-gateway.dll  [--redis] [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (args.FirstOrDefault(arg => arg.EndsWith(".dll", StringComparison.Ordinal)) is not { } path || !File.Exists(path))
            throw new BenchFailure("compare: name the xmtp-gateway.dll of the other build");
        path = Path.GetFullPath(path);
        var quick = args.Contains("--quick");
        var token = BenchToken.Create();
        await using var stage = await Stage.StartAsync(cancellationToken);
        await using var redis = args.Contains("--redis") ? await BenchRedis.StartAsync(cancellationToken) : null;
        string[] rules = redis is null ? [] : [.. AuthorizeBench.Rules(token), redis.Flag];
        var bearer = redis is null ? null : token.Text;
        ServerUnderTest[] servers =
        [
            await stage.StartGatewayAsync("sampled", rules, bearer, cancellationToken),
            await stage.StartGatewayAsync("sampled", rules, bearer, cancellationToken, path: path),
        ];

        var contest = new Contest(stage.Generator);
        var window = new LoadWindow { Callers = 64, Seconds = quick ? 1.5 : 4, Token = bearer };
        await Console.Error.WriteLineAsync("warming up");
        foreach (var server in servers) await contest.RunAsync(window with { Seconds = quick ? 6 : 16 }, 1, cancellationToken, server);
        await Console.Error.WriteLineAsync("64 callers, 1 envelope a call");
        var figures = await contest.RunAsync(window, 15, cancellationToken, servers);
        var sizes = await contest.RunAsync(window with { Callers = 16, ReadsAllocations = true }, 1, cancellationToken, servers);
        Console.WriteLine("| gateway | publishes/s | p50 ms | p99 ms | CPU µs a publish | allocated a publish |");
        Console.WriteLine("| --- | ---: | ---: | ---: | ---: | ---: |");
        for (var i = 0; i < figures.Length; i++)
        {
            Console.WriteLine(
                $"| {(i == 0 ? "this" : "other")} | {figures[i].PublishesPerSecond:N0} | {figures[i].P50Milliseconds:F2} " +
                $"| {figures[i].P99Milliseconds:F2} | {figures[i].CpuMicroseconds:F1} | {sizes[i].AllocatedBytes / 1024:F1} KB |");
        }

        Console.WriteLine();
        Console.WriteLine(
            $"ratio {figures[1].CpuMicroseconds / figures[0].CpuMicroseconds:F2} = CPU a publish, other / this (1 or more: not slower)");
        return 0;
    }
}
