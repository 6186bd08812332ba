using System.Globalization;
using Xmtp.Gateway.Costs;

namespace Xmtp.Gateway.Operator.Overview;

/// <summary>Amounts as people read them. For display alone: nothing counts with these texts.</summary>
internal static class Amounts
{
    private const int Digits = 3;

    /// <summary>Such as $412.10, $0.98 or $0.0000298: cents, or three digits of a small amount.</summary>
    internal static string Dollars(Picodollars amount)
    {
        var dollars = amount.ToDollars();
        var size = Math.Abs(dollars);
        if (size >= 1 || size == 0) return Text(dollars, size == 0 ? "0" : "N2");
        var decimals = Digits;
        for (var least = 0.1m; size < least && decimals < 12; least /= 10) decimals++;
        return Text(Math.Round(dollars, decimals), decimals <= Digits ? "0.00#" : "0.############");
    }

    /// <summary>Such as 950, 114k or 13.8M.</summary>
    internal static string Count(Int128 count)
    {
        (Int128 Size, string Letter)[] sizes = [(1_000_000_000, "B"), (1_000_000, "M"), (1_000, "k")];
        foreach (var (size, letter) in sizes)
        {
            if (count < size) continue;
            var tenths = count * 10 / size;
            var whole = (tenths / 10).ToString(CultureInfo.InvariantCulture);
            return tenths >= 1000 ? whole + letter : $"{whole}.{(int)(tenths % 10)}{letter}";
        }

        return count.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Such as 5 hours or 41 days; null for no end.</summary>
    internal static string? Runway(long? hours) => hours switch
    {
        null => null,
        1 => "1 hour",
        < 48 => string.Create(CultureInfo.InvariantCulture, $"{hours} hours"),
        > 87_600 => "more than 10 years",
        _ => string.Create(CultureInfo.InvariantCulture, $"{hours / 24:N0} days"),
    };

    /// <summary>The share of a whole, in percent, rounded down; 100 for more.</summary>
    internal static int Percent(Int128 part, Int128 whole) => whole <= 0 ? 0 : (int)Int128.Clamp(part * 100 / whole, 0, 100);

    private static string Text(decimal dollars, string format) =>
        (dollars < 0 ? "-$" : "$") + Math.Abs(dollars).ToString(format, CultureInfo.InvariantCulture);
}
