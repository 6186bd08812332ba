namespace Xmtp.Gateway.Bench.AppChain;

/// <summary>What rushes of callers saw.</summary>
/// <param name="PerSecond">Transactions a second.</param>
/// <param name="P50Milliseconds">The median time from sending to knowing where it was mined.</param>
/// <param name="P99Milliseconds">The 99th percentile of the same.</param>
internal sealed record ChainFigures(double PerSecond, double P50Milliseconds, double P99Milliseconds)
{
    /// <summary>Of rushes that make one round.</summary>
    public static ChainFigures Of(IReadOnlyList<RushTimes> rushes)
    {
        var sorted = rushes.SelectMany(one => one.Milliseconds).Order().ToList();
        return new(
            sorted.Count / rushes.Sum(one => one.Took.TotalSeconds), sorted[sorted.Count / 2], sorted[(int)(0.99 * (sorted.Count - 1))]);
    }

    /// <summary>Of several rounds, each figure's own median.</summary>
    public static ChainFigures Median(IReadOnlyList<ChainFigures> rounds) =>
        new(
            Medians.Of(rounds.Select(one => one.PerSecond)),
            Medians.Of(rounds.Select(one => one.P50Milliseconds)),
            Medians.Of(rounds.Select(one => one.P99Milliseconds)));
}

/// <summary>One case: the gateway and the floor.</summary>
/// <param name="Mining">How the chain makes blocks.</param>
/// <param name="Callers">Callers that each wait for an answer before they send again.</param>
/// <param name="Gateway">Commits through the gateway, over gRPC.</param>
/// <param name="Floor">Transactions signed before, sent to the chain's endpoint; each caller learns its receipt.</param>
/// <param name="EventAlone">The same, but the pushed event is enough and no receipt is asked for.</param>
internal sealed record ChainCase(string Mining, int Callers, ChainFigures Gateway, ChainFigures Floor, ChainFigures EventAlone)
{
    public double Ratio => Gateway.PerSecond / Floor.PerSecond;
}
