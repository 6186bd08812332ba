namespace Xmtp.Gateway.Costs.Rating;

/// <summary>Units of congestion, 0 to 100, from a rate and its target.</summary>
/// <remarks>
/// Zero up to the target; above it 100·(e^(4(r-1))-1)/(e²-1), rounded down; from one and a half times the target 100.
/// </remarks>
internal static class CongestionUnits
{
    private const int All = 100;
    private const ulong Scale = 1_000_000_000;

    // The least r, in 10⁻⁹, for each number of units: the inverse of the curve, so that no message is priced by
    // floating point.
    private static readonly ulong[] MinRatios = [.. Enumerable.Range(1, All).Select(MinRatio)];

    /// <summary>The units of congestion.</summary>
    /// <param name="rate">The rate in messages per minute.</param>
    /// <param name="target">The target in messages per minute; 0 means no congestion.</param>
    internal static int Of(ulong rate, ulong target)
    {
        if (target == 0) return 0;
        var ratio = (UInt128)rate * Scale / target;
        if (ratio <= Scale) return 0;
        var index = Array.BinarySearch(MinRatios, ratio > ulong.MaxValue ? ulong.MaxValue : (ulong)ratio);
        return index >= 0 ? index + 1 : ~index;
    }

    private static ulong MinRatio(int units) =>
        units == All ? Scale * 3 / 2 : (ulong)Math.Ceiling((1 + (Math.Log(1 + (units * (Math.Exp(2) - 1) / All)) / 4)) * Scale);
}
