using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Authorize;

/// <summary>
/// What a token, two limits and a budget cost: the same gateway without rules, with them in memory, and on Redis.
/// </summary>
internal sealed class AuthorizeBench : IBenchCommand
{
    private const string WithRules = "token, two limits and a budget";

    /// <summary>
    /// The rules that are measured, those of production: a token, a limit of each client, and a limit and a budget of the whole
    /// gateway. Nothing exceeds them.
    /// </summary>
    internal static string[] Rules(BenchToken token) =>
        [.. token.Flags, "--limits=10000000/1s, 10000000/1s gateway", "--budgets=4000000/month gateway", "--limits.store-timeout=10s"];

    public string Name => "authorize";

    public string? Summary => "publishes with a token, two limits and a budget, in memory and on Redis, beside none  [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var quick = args.Contains("--quick");
        var token = BenchToken.Create();
        await using var stage = await Stage.StartAsync(cancellationToken);
        await using var redis = await BenchRedis.StartAsync(cancellationToken);
        var rules = Rules(token);
        (string Name, ServerUnderTest Server)[] servers =
        [
            ("no rules", stage.Gateway),
            ($"{WithRules}, memory", await stage.StartGatewayAsync("sampled", rules, token.Text, cancellationToken)),
            ("no rules, Redis", await stage.StartGatewayAsync("sampled", [redis.Flag], null, cancellationToken)),
            ($"{WithRules}, Redis", await stage.StartGatewayAsync(
                "sampled", [.. rules, redis.Flag], token.Text, cancellationToken)),
        ];

        var contest = new Contest(stage.Generator);
        var window = new LoadWindow { Callers = 64, Seconds = quick ? 1.5 : 4, Token = token.Text };
        foreach (var (name, server) in servers)
        {
            await Console.Error.WriteLineAsync($"warming up: {name}");
            await contest.RunAsync(window with { Seconds = quick ? 4 : 14 }, 1, cancellationToken, server);
        }

        await Console.Error.WriteLineAsync("64 callers, 1 envelope a call");
        var figures = await contest.RunAsync(window, quick ? 3 : 7, cancellationToken, [.. servers.Select(server => server.Server)]);
        Print([.. servers.Select(server => server.Name)], figures, Console.Out);
        return 0;
    }

    private static void Print(string[] names, ServerFigures[] figures, TextWriter output)
    {
        output.WriteLine("| gateway | publishes/s | p50 ms | p99 ms | CPU µs a publish |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        for (var i = 0; i < names.Length; i++)
        {
            Line(
                output,
                $"| {names[i]} | {figures[i].PublishesPerSecond:N0} | {figures[i].P50Milliseconds:F2} " +
                $"| {figures[i].P99Milliseconds:F2} | {figures[i].CpuMicroseconds:F1} |");
        }
        output.WriteLine();
        Line(
            output,
            $"ratio {Ratio(figures[1], figures[0]):F2} = publishes/s with a {WithRules} in memory / without (aim: at least 0.9)");
        Line(output, $"ratio {Ratio(figures[3], figures[0]):F2} = the same on Redis / without rules and without Redis (aim: at least 0.8)");
        Line(output, $"ratio {Ratio(figures[3], figures[2]):F2} = the same on Redis / without rules, with Redis for published results");
    }

    private static double Ratio(ServerFigures with, ServerFigures without) => with.PublishesPerSecond / without.PublishesPerSecond;

    private static void Line(TextWriter output, string line) => output.WriteLine(line);
}
