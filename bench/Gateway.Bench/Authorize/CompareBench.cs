using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Authorize;

/// <summary>What a publish costs in this gateway beside another build of it, which takes the same flags.</summary>
internal sealed class CompareBench : IBenchCommand
{
    public string Name => "compare";

    public string? Summary =>
        "this gateway beside another build of it: xmtp-gateway.dll  [--redis | --results] [--callers N] [--batch N] [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        if (args.FirstOrDefault(arg => arg.EndsWith(".dll", StringComparison.Ordinal)) is not { } path || !File.Exists(path))
            throw new BenchFailure("compare: name the xmtp-gateway.dll of the other build");
        path = Path.GetFullPath(path);
        var quick = args.Contains("--quick");
        var (callers, batch) = (Count(args, "--callers", 64), Count(args, "--batch", 1));
        var hasRules = args.Contains("--redis");
        var token = BenchToken.Create();
        await using var stage = await Stage.StartAsync(cancellationToken);
        await using var redis = hasRules || args.Contains("--results") ? await BenchRedis.StartAsync(cancellationToken) : null;
        string[] rules = [.. hasRules ? AuthorizeBench.Rules(token) : [], .. redis is null ? Array.Empty<string>() : [redis.Flag]];
        var bearer = hasRules ? token.Text : null;
        ServerUnderTest[] servers =
        [
            await stage.StartGatewayAsync("sampled", rules, bearer, cancellationToken),
            await stage.StartGatewayAsync("sampled", rules, bearer, cancellationToken, path: path),
        ];

        var contest = new Contest(stage.Generator);
        var window = new LoadWindow { Callers = callers, EnvelopesPerCall = batch, Seconds = quick ? 1.5 : 4, Token = bearer };
        await Console.Error.WriteLineAsync("warming up");
        foreach (var server in servers) await contest.RunAsync(window with { Seconds = quick ? 6 : 16 }, 1, cancellationToken, server);
        await Console.Error.WriteLineAsync($"callers: {callers}, envelopes a call: {batch}");
        var figures = await contest.RunAsync(window, 15, cancellationToken, servers);
        var sizes = await contest.RunAsync(
            window with { Callers = Math.Min(callers, 16), ReadsAllocations = true }, 1, cancellationToken, servers);
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

    private static int Count(string[] args, string option, int without)
    {
        var at = Array.IndexOf(args, option);
        if (at < 0) return without;
        return (int)new BenchOption(option, at + 1 < args.Length ? args[at + 1] : "").Number(1);
    }
}
