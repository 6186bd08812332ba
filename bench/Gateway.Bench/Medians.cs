namespace Xmtp.Gateway.Bench;

/// <summary>The median of figures: of an even number of them the mean of the two in the middle.</summary>
internal static class Medians
{
    /// <exception cref="InvalidOperationException">There are none.</exception>
    public static double Of(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        if (sorted.Length == 0) throw new InvalidOperationException("there are no figures");
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
