using Xmtp.Gateway.Bench.Load;

namespace Xmtp.Gateway.Bench.Payers;

/// <summary>What callers of one payer wait while another payer has some trouble: medians of the windows.</summary>
/// <param name="Trouble">The trouble of the other payer.</param>
/// <param name="P50Milliseconds">The median time of a message.</param>
/// <param name="P99Milliseconds">The 99th percentile.</param>
/// <param name="Ratio">The 99th percentile beside that without trouble.</param>
internal sealed record ApartFigures(string Trouble, double P50Milliseconds, double P99Milliseconds, double Ratio)
{
    /// <summary>The figures of each trouble, that without any first.</summary>
    public static IReadOnlyList<ApartFigures> Of(IReadOnlyDictionary<Trouble, List<LoadFigures>> windows)
    {
        var well = P99(windows[Payers.Trouble.None]);
        return [.. windows.Select(one => new ApartFigures(
            $"{one.Key}", Medians.Of(one.Value.Select(window => window.P50Milliseconds)), P99(one.Value), P99(one.Value) / well))];
    }

    /// <summary>Prints them, with the aim.</summary>
    public static void Print(IReadOnlyList<ApartFigures> figures, TextWriter output)
    {
        output.WriteLine("| the other payer | p50 ms | p99 ms | p99 beside that while it is well |");
        output.WriteLine("| --- | ---: | ---: | ---: |");
        foreach (var row in figures)
            output.WriteLine($"| {Name(row.Trouble)} | {row.P50Milliseconds:F1} | {row.P99Milliseconds:F1} | {row.Ratio:F2} |");
        output.WriteLine();
        output.WriteLine("aim: at most 1.2 times the p99 while it is well");
    }

    private static string Name(string trouble) => trouble switch
    {
        nameof(Payers.Trouble.Empty) => "without balance and gas",
        nameof(Payers.Trouble.Paused) => "its budget is used up",
        nameof(Payers.Trouble.Removed) => "taken out of the payers file",
        nameof(Payers.Trouble.Stuck) => "its transactions are not mined",
        nameof(Payers.Trouble.SignerUnreachable) => "its signer cannot be reached",
        nameof(Payers.Trouble.SignerSilent) => "its signer does not answer",
        _ => "well",
    };

    private static double P99(List<LoadFigures> windows) => Medians.Of(windows.Select(window => window.P99Milliseconds));
}
