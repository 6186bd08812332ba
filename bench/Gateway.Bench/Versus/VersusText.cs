using System.Globalization;

namespace Xmtp.Gateway.Bench.Versus;

/// <summary>Figures as the text of cells.</summary>
internal static class VersusText
{
    /// <summary>Without decimals.</summary>
    public static string F0(double figure) => figure.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>With one decimal.</summary>
    public static string F1(double figure) => figure.ToString("F1", CultureInfo.InvariantCulture);

    /// <summary>With two decimals.</summary>
    public static string F2(double figure) => figure.ToString("F2", CultureInfo.InvariantCulture);

    /// <summary>With one decimal; empty for what was not measured.</summary>
    public static string Unless0(double figure) => figure > 0 ? F1(figure) : "";

    /// <summary>The ratio; empty where there is none.</summary>
    public static string Ratio(Pair pair) => pair is { This: > 0, Ratio: { } ratio } ? F2(ratio) : "";

    /// <summary>The ratio of one figure of two.</summary>
    public static string Ratio<T>(T here, T there, Func<T, double> figure) => Ratio(new Pair(figure(here), figure(there)));
}
