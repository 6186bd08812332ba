using Xmtp.Gateway.Bench.AppChain;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>Commits through both gateways on one chain.</summary>
/// <param name="stage">The chain and the gateways.</param>
/// <param name="mining">How the chain makes blocks.</param>
/// <param name="times">How long.</param>
internal sealed class VersusChain(VersusStage stage, Mining mining, VersusTimes times)
{
    /// <summary>The numbers of callers.</summary>
    public static IReadOnlyList<int> Callers { get; } = [1, 16, 32];

    private const int WarmUpCallers = 16;

    /// <summary>Warms up, and measures numbers of callers one after the other.</summary>
    public async Task<IReadOnlyList<VersusCommits>> MeasureAsync(IEnumerable<int> numbers, CancellationToken cancellationToken)
    {
        foreach (var gateway in new[] { stage.This, stage.Other })
            await RushAsync(gateway, WarmUpCallers, times.CommitWarmUpSeconds, cancellationToken);
        List<VersusCommits> cases = [];
        foreach (var callers in numbers) cases.Add(await MeasureAsync(callers, cancellationToken));
        return cases;
    }

    // There and back again, so that a chain that gets slower as it grows is as slow for each.
    private async Task<VersusCommits> MeasureAsync(int callers, CancellationToken cancellationToken)
    {
        await Console.Error.WriteLineAsync($"commits, the chain mines {mining.Name}, {callers} callers");
        List<CommitWindow> here = [], there = [];
        var seconds = mining.BlockTime is null ? times.AtOnceSeconds : times.EachSecondSeconds;
        for (var round = 0; round < times.CommitRounds; round++)
        {
            if (round % 2 == 0) here.Add(await RushAsync(stage.This, callers, seconds, cancellationToken));
            there.Add(await RushAsync(stage.Other, callers, seconds, cancellationToken));
            if (round % 2 == 1) here.Add(await RushAsync(stage.This, callers, seconds, cancellationToken));
        }

        return new VersusCommits(mining.Name, callers, Use(here), Use(there));
    }

    private static async Task<CommitWindow> RushAsync(
        VersusGateway gateway, int callers, double seconds, CancellationToken cancellationToken)
    {
        var before = await GatewayReading.ReadAsync(gateway);
        var times = await Rush.RunAsync(callers, TimeSpan.FromSeconds(seconds), gateway.CommitAsync, cancellationToken);
        return new CommitWindow(times, before, await GatewayReading.ReadAsync(gateway));
    }

    private static CommitUse Use(IReadOnlyList<CommitWindow> windows)
    {
        double commits = windows.Sum(one => one.Times.Milliseconds.Count);
        return new CommitUse(
            ChainFigures.Median([.. windows.Select(one => ChainFigures.Of([one.Times]))]),
            windows.Sum(one => (one.After.Cpu - one.Before.Cpu).TotalMicroseconds) / commits,
            windows.Sum(one => (one.After.RedisCpu - one.Before.RedisCpu).TotalMicroseconds) / commits,
            windows.Select(one => one.After.RequestsSince(one.Before, commits)).Aggregate((sum, next) => sum.Plus(next)));
    }

    private sealed record CommitWindow(RushTimes Times, GatewayReading Before, GatewayReading After);
}
