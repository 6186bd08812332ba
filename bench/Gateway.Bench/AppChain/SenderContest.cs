using System.Globalization;

namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>
/// Commits a second with several senders beside one sender, on a chain that mines each second: with 32 transactions in flight, one
/// sender has at most 32 in a block.
/// </summary>
internal static class SenderContest
{
    /// <summary>Enough that each sender has its bound in flight, although topics are not spread evenly.</summary>
    private const int CallersOfSender = 128;

    private const double Aim = 3.5 / 4;

    /// <summary>Measures both in turn, A B B A, and prints them.</summary>
    public static async Task RunAsync(int senders, int rounds, TimeSpan window, bool asJson, CancellationToken cancellationToken)
    {
        await using var stage = await ChainStage.StartAsync(Mining.EachSecond, cancellationToken);
        await using var gateway = await SenderGateway.StartAsync(stage.Chain, senders, cancellationToken);
        Func<TimeSpan, Task<RushTimes>> one = time => Rush.RunAsync(CallersOfSender, time, stage.CommitAsync, cancellationToken);
        Func<TimeSpan, Task<RushTimes>> several = time =>
            Rush.RunAsync(CallersOfSender * senders, time, gateway.CommitAsync, cancellationToken);
        foreach (var side in new[] { one, several }) await side(TimeSpan.FromSeconds(3));
        List<ChainFigures> ofOne = [], ofSeveral = [];
        for (var round = 0; round < rounds; round++)
        {
            Console.Error.WriteLine($"round {round + 1} of {rounds}");
            var first = await one(window);
            List<RushTimes> both = [await several(window), await several(window)];
            ofOne.Add(ChainFigures.Of([first, await one(window)]));
            ofSeveral.Add(ChainFigures.Of(both));
        }

        Print(senders, ChainFigures.Median(ofOne), ChainFigures.Median(ofSeveral), asJson);
    }

    private static void Print(int senders, ChainFigures one, ChainFigures several, bool asJson)
    {
        var ratio = several.PerSecond / one.PerSecond;
        if (asJson)
        {
            Console.Out.WriteLine(BenchJson.Write(new { senders, one, several, ratio }));
            return;
        }

        Console.Out.WriteLine("| senders | callers | commits/s | p50 ms | p99 ms |");
        Console.Out.WriteLine("| ---: | ---: | ---: | ---: | ---: |");
        Console.Out.WriteLine(Row(1, one));
        Console.Out.WriteLine(Row(senders, several));
        Console.Out.WriteLine();
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ratio {ratio:F2} (aim: at least {Aim * senders:F1}), on {Environment.ProcessorCount} processors"));
    }

    private static string Row(int senders, ChainFigures figures) => string.Create(
        CultureInfo.InvariantCulture,
        $"| {senders} | {CallersOfSender * senders} | {figures.PerSecond:F1} | {figures.P50Milliseconds:F0} " +
        $"| {figures.P99Milliseconds:F0} |");
}
