namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>
/// Commits through the stock gateway, beside transactions that were signed before and go straight to the chain's
/// endpoint.
/// </summary>
internal sealed class ChainBench : IBenchCommand
{
    private static readonly int[] Callers = [1, 16, 32];

    // Enough for the just-in-time compiler: the gateway begins anew in each case, this process does not.
    private const int WarmUpCallers = 16;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);

    public string Name => "chain";

    public string? Summary =>
        "commits through the gateway beside bare transactions: rate and latency  [--json] [--quick] [--at-once] [--senders N]";

    public async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var (rounds, seconds) = args.Contains("--quick") ? (1, 2.5) : (5, 4.0);
        if (Array.IndexOf(args, "--senders") is var at and >= 0)
        {
            var option = new BenchOption("--senders", args.ElementAtOrDefault(at + 1) ?? "");
            var window = TimeSpan.FromSeconds(args.Contains("--quick") ? 10 : 20);
            await SenderContest.RunAsync(
                (int)option.Number(min: 2), Math.Min(rounds, 3), window, args.Contains("--json"), cancellationToken);
            return 0;
        }

        List<ChainCase> cases = [];
        foreach (var mining in args.Contains("--at-once") ? [Mining.AtOnce] : new[] { Mining.AtOnce, Mining.EachSecond })
        {
            foreach (var callers in Callers)
            {
                // A chain of its own: the longer this Anvil's history is, the more it takes for a block.
                await using var stage = await ChainStage.StartAsync(mining, cancellationToken);
                cases.Add(await MeasureAsync(stage, callers, rounds, seconds, isFirst: cases.Count == 0, cancellationToken));
            }
        }

        if (args.Contains("--json")) Console.Out.WriteLine(BenchJson.Write(cases));
        else ChainTable.Print(cases, Console.Out);
        return 0;
    }

    // There and back again, so that a chain that gets slower as it grows is as slow for each; medians of the rounds count.
    private static async Task<ChainCase> MeasureAsync(
        ChainStage stage, int callers, int rounds, double seconds, bool isFirst, CancellationToken cancellationToken)
    {
        Console.Error.WriteLine($"{stage.Mining.Name}, {callers} callers");
        var window = TimeSpan.FromSeconds(seconds);
        Func<int, TimeSpan, Task<RushTimes>>[] sides =
        [
            (many, time) => Rush.RunAsync(many, time, stage.CommitAsync, cancellationToken),
            (many, time) => BareAsync(stage, many, time, wantsReceipt: true, cancellationToken),
            (many, time) => BareAsync(stage, many, time, wantsReceipt: false, cancellationToken),
        ];
        foreach (var side in isFirst ? sides : sides[..1]) await side(WarmUpCallers, WarmUp);
        var figures = sides.Select(_ => new List<ChainFigures>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            var rushes = sides.Select(_ => new List<RushTimes>()).ToArray();
            foreach (var side in (int[])[0, 1, 2, 2, 1, 0]) rushes[side].Add(await sides[side](callers, window));
            for (var side = 0; side < sides.Length; side++) figures[side].Add(ChainFigures.Of(rushes[side]));
        }

        return new ChainCase(
            stage.Mining.Name, callers, ChainFigures.Median(figures[0]), ChainFigures.Median(figures[1]), ChainFigures.Median(figures[2]));
    }

    private static async Task<RushTimes> BareAsync(
        ChainStage stage, int callers, TimeSpan window, bool wantsReceipt, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var bare = await BareTransactions.PrepareAsync(stage, callers, window, wantsReceipt, cancellationToken);
            try
            {
                return await Rush.RunAsync(callers, window, bare.SendAsync, cancellationToken);
            }
            catch (TimeoutException)
            {
                // This Anvil may miss the turn of a transaction that comes while the one before it is mined, and mines
                // nothing more of that wallet.
                Console.Error.WriteLine("the chain left a bare transaction lying: the window is measured again, with another wallet");
            }
        }
    }
}
