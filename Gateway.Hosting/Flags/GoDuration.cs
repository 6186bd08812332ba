using System.Buffers;
using System.Globalization;
using System.Text;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>Durations as Go writes them: decimal numbers with units, such as <c>300ms</c>, <c>1.5h</c> or <c>1h30m</c>.</summary>
/// <remarks>
/// Layout: <c>[+-] (digits [. digits] unit)+</c> with unit one of ns, us, µs, ms, s, m, h; or a bare <c>0</c>.
/// Precision: 100 ns.
/// </remarks>
internal static class GoDuration
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration; false when the text is invalid or exceeds <see cref="TimeSpan"/>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        text = text.Trim();
        var negative = text.StartsWith("-");
        if (negative || text.StartsWith("+")) text = text[1..];
        if (text is "0") return true;
        if (text.IsEmpty) return false;

        decimal ticks = 0;
        while (!text.IsEmpty)
        {
            var digits = text.IndexOfAnyExcept(Digits);
            if (digits <= 0
                || !decimal.TryParse(text[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }
            text = text[digits..];
            var unit = text.IndexOfAny(Digits);
            if (unit < 0) unit = text.Length;
            if (TicksOf(text[..unit]) is not { } perUnit || number > long.MaxValue / Math.Max(perUnit, 1)) return false;
            ticks += number * perUnit;
            text = text[unit..];
        }

        if (ticks > long.MaxValue) return false;
        duration = TimeSpan.FromTicks(negative ? -(long)ticks : (long)ticks);
        return true;
    }

    /// <summary>Writes a duration in the same form, such as <c>1h30m</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) return "0s";
        var text = new StringBuilder(duration < TimeSpan.Zero ? "-" : "");
        var left = duration.Duration();
        if (left.Days > 0 || left.Hours > 0) text.Append(CultureInfo.InvariantCulture, $"{(left.Days * 24) + left.Hours}h");
        if (left.Minutes > 0) text.Append(CultureInfo.InvariantCulture, $"{left.Minutes}m");
        if (left.Seconds > 0) text.Append(CultureInfo.InvariantCulture, $"{left.Seconds}s");
        var below = left.Ticks % TimeSpan.TicksPerSecond / (decimal)TimeSpan.TicksPerMillisecond;
        if (below > 0) text.Append(CultureInfo.InvariantCulture, $"{below:0.####}ms");
        return text.ToString();
    }

    private static decimal? TicksOf(ReadOnlySpan<char> unit) => unit switch
    {
        "ns" => 0.01m,
        "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
        "ms" => TimeSpan.TicksPerMillisecond,
        "s" => TimeSpan.TicksPerSecond,
        "m" => TimeSpan.TicksPerMinute,
        "h" => TimeSpan.TicksPerHour,
        _ => null,
    };
}
