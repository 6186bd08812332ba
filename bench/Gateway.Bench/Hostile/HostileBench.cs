using System.Globalization;
using System.Text.Json;
using Xmtp.Gateway.Bench.Authorize;
using Xmtp.Gateway.Bench.Load;
using Xmtp.Gateway.Bench.Processes;
using Xmtp.Gateway.Bench.Publish;

namespace Xmtp.Gateway.Bench.Hostile;

/// <summary>
/// What a good caller feels of an attack: its p50 and p99 undisturbed and under hostile connections of each protocol,
/// and their ratio.
/// </summary>
internal sealed class HostileBench : IBenchCommand
{
    private const double RampSeconds = 2;

    public string Name => "hostile";

    public string? Summary =>
        "a good caller's latency under attack  [--url URL | --docker IMAGE] [--token T] [--connections 64] [--seconds 20] [--max-ratio " +
        "3] [--quick]";

    /// <summary>
    /// Measures, and fails when a call of the good caller fails or the ratio is above
    /// <see cref="HostilePlan.MaxRatio"/>.
    /// </summary>
    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var plan = HostilePlan.Read(args);
        if (plan.Url is { } url) return await MeasureAsync(plan, url, null, cancellationToken);

        var token = BenchToken.Create();
        await using var stage = await Stage.StartAsync(cancellationToken);
        if (plan.Image is { } image)
        {
            await using var container = await GatewayContainer.StartAsync(image, stage.Chain, token, cancellationToken);
            return await MeasureAsync(plan with { Token = token.Text }, new Uri(container.Server.Url), container.Server, cancellationToken);
        }

        var server = await stage.StartGatewayAsync(
            "sampled", token.Flags, token.Text, cancellationToken, new() { ["DOTNET_GCHeapHardLimit"] = "0x20000000" });
        return await MeasureAsync(plan with { Token = token.Text }, new Uri(server.Url), server, cancellationToken);
    }

    private static async Task<int> MeasureAsync(HostilePlan plan, Uri url, ServerUnderTest? server, CancellationToken cancellationToken)
    {
        // Processes of their own. The attackers' has the lowest priority: in the field they use other machines' processors.
        await using var caller = ChildProcess.Start("the good caller", DotnetProgram.Bench("load"));
        await caller.WaitForReadyAsync(cancellationToken);
        await using var attacker = ChildProcess.Start("the attackers", DotnetProgram.Bench("attack").WithLowestPriority());
        await attacker.WaitForReadyAsync(cancellationToken);
        await Console.Error.WriteLineAsync("warming up");
        await CallAsync(plan, caller, url, server, cancellationToken);
        var (calm, attacked, attacks) = (new List<LoadFigures>(), new List<LoadFigures>(), 0L);
        for (var round = 0; round < plan.Rounds; round++)
        {
            await Console.Error.WriteLineAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"round {round + 1} of {plan.Rounds}: {plan.Connections} hostile connections of each " +
                    $"of {HostileTraffic.ProtocolCount} protocols"));
            calm.Add(await CallAsync(plan, caller, url, server, cancellationToken));
            await attacker.WriteLineAsync(JsonSerializer.Serialize(new AttackOrder(url, plan.Connections, plan.Pause, plan.IsForwarded)));
            attacked.Add(await CallAsync(plan, caller, url, server, cancellationToken));
            await attacker.WriteLineAsync("end");
            var ended = await attacker.ReadLineAsync(cancellationToken)
                ?? throw new BenchFailure($"the attackers ended:\n{attacker.LastLines}");
            attacks += long.Parse(ended, CultureInfo.InvariantCulture);
        }

        return Print(plan, calm, attacked, attacks, server);
    }

    private static async Task<LoadFigures> CallAsync(
        HostilePlan plan, ChildProcess caller, Uri url, ServerUnderTest? server, CancellationToken cancellationToken)
    {
        var window = new LoadWindow
        {
            Url = url.AbsoluteUri,
            ServerId = server?.Process.Id ?? Environment.ProcessId,
            IsGateway = true,
            Token = plan.Token,
            CallsPerSecond = plan.Rate,
            RampSeconds = RampSeconds,
            Seconds = plan.Seconds,
        };
        await caller.WriteLineAsync(JsonSerializer.Serialize(window));
        var line = await caller.ReadLineAsync(cancellationToken) ?? throw new BenchFailure($"the good caller ended:\n{caller.LastLines}");
        var figures = JsonSerializer.Deserialize<LoadFigures>(line)!;
        if (server?.Process.HasExited == true) throw new BenchFailure($"the gateway ended:\n{server.Process.LastLines}");
        if (figures.Failures > 0 || figures.Calls == 0)
        {
            throw new BenchFailure(
                $"{figures.Failures} of the good caller's calls failed, {figures.Calls} were answered; the first " +
                $"failure: {figures.FirstFailure}\n{server?.Process.LastLines}");
        }
        return figures;
    }

    private static int Print(HostilePlan plan, List<LoadFigures> calm, List<LoadFigures> attacked, long attacks, ServerUnderTest? server)
    {
        var (before, under) = (Summarize(calm), Summarize(attacked));
        var ratio = under.P99 / before.P99;
        Line($"| good caller, {plan.Rate:F0} publishes/s | p50 ms | p99 ms |");
        Line($"| --- | ---: | ---: |");
        Line($"| undisturbed | {before.P50:F2} | {before.P99:F2} |");
        Line($"| under attack | {under.P50:F2} | {under.P99:F2} |");
        Line($"");
        Line(
            $"ratio {ratio:F2} = p99 under {plan.Connections} hostile connections of each protocol / undisturbed (aim: at most 3), " +
            $"p50 {under.P50 / before.P50:F2}; {attacks} attacks");
        if (server is not null && plan.Image is null && PeakMemory(server.Process.Id) is { } peak)
            Line($"the gateway held {peak / (1024 * 1024)} MiB at most");
        return plan.MaxRatio < ratio ? 1 : 0;
    }

    private static (double P50, double P99) Summarize(List<LoadFigures> rounds) =>
        (Median(rounds.Select(round => round.P50Milliseconds)), Median(rounds.Select(round => round.P99Milliseconds)));

    private static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static long? PeakMemory(int id)
    {
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return process.PeakWorkingSet64;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static void Line(string line) => Console.Out.WriteLine(line);
}
