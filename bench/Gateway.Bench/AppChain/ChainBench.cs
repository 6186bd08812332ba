using System.Text.Json;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>Commits through the stock gateway, beside transactions that were signed before and go straight to the chain's endpoint.</summary>
internal sealed class ChainBench : IBenchCommand
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private static readonly int[] Callers = [1, 16, 32];

    public string Name => "chain";

    public string? Summary => "commits through the gateway beside bare transactions: rate and latency  [--json] [--quick]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var (rounds, seconds) = args.Contains("--quick") ? (1, 4.0) : (5, 8.0);
        List<ChainCase> cases = [];
        foreach (var mining in new[] { Mining.AtOnce, Mining.EachSecond })
        {
            await using var stage = await ChainStage.StartAsync(mining, cancellationToken);
            foreach (var callers in Callers) cases.Add(await MeasureAsync(stage, callers, rounds, seconds, cancellationToken));
        }

        if (args.Contains("--json")) Console.Out.WriteLine(JsonSerializer.Serialize(cases, Json));
        else ChainTable.Print(cases, Console.Out);
        return 0;
    }

    // The two alternate, and medians count: what else the machine does meets both.
    private static async Task<ChainCase> MeasureAsync(ChainStage stage, int callers, int rounds, double seconds, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine($"{stage.Mining.Name}, {callers} callers");
        var window = TimeSpan.FromSeconds(seconds);
        List<ChainFigures> gateway = [], floor = [];
        await Rush.RunAsync(callers, window / 4, stage.CommitAsync, cancellationToken);
        for (var round = 0; round < rounds; round++)
        {
            using (var bare = await BareTransactions.PrepareAsync(stage, callers, window, cancellationToken)) floor.Add(await Rush.RunAsync(callers, window, bare.SendAsync, cancellationToken));
            gateway.Add(await Rush.RunAsync(callers, window, stage.CommitAsync, cancellationToken));
        }

        return new ChainCase(stage.Mining.Name, callers, ChainFigures.Median(gateway), ChainFigures.Median(floor));
    }
}
