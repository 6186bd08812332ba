namespace Xmtp.Gateway.DevNet.Nodes.Publishing;

/// <summary>Computes the congestion of a node, in units of the congestion fee.</summary>
/// <remarks>
/// <code>
/// a = (4·m1 + 3·m2 + 2·m3 + 1·m4) / 10, truncated               r = max(m0, m1, a) / target
/// r ≤ 1: 0      r ≥ 1.5: 100      between: 100·(e^(4(r−1)) − 1) / (e² − 1), truncated
/// </code>
/// </remarks>
internal static class Congestion
{
    private const double Steepness = 4.0;
    private const double FullRatio = 1.5;
    private const ulong FullUnits = 100;

    /// <summary>The units, 0 to 100; 0 when the target is 0.</summary>
    /// <param name="m0">The message count of the current minute.</param>
    /// <param name="m1">The count of the minute before.</param>
    /// <param name="m2">The count of two minutes before.</param>
    /// <param name="m3">The count of three minutes before.</param>
    /// <param name="m4">The count of four minutes before.</param>
    /// <param name="target">The messages per minute without a congestion fee.</param>
    public static ulong Units(ulong m0, ulong m1, ulong m2, ulong m3, ulong m4, ulong target)
    {
        var average = ((4 * m1) + (3 * m2) + (2 * m3) + m4) / 10;
        var most = Math.Max(m0, Math.Max(m1, average));
        if (target == 0 || most <= target) return 0;
        var ratio = most / (double)target;
        if (ratio >= FullRatio) return FullUnits;
        return (ulong)(FullUnits * ((Math.Exp(Steepness * (ratio - 1)) - 1) / (Math.Exp(Steepness * (FullRatio - 1)) - 1)));
    }
}
