using System.Globalization;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>Reads a number of bytes: digits, optionally followed by KiB, MiB or GiB, in any case.</summary>
internal static class ByteCount
{
    private static readonly (string Suffix, long Bytes)[] Units = [("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("", 1)];

    /// <summary>Reads the number; false when the text is invalid or the number does not fit 63 bits.</summary>
    public static bool TryParse(string text, out long value)
    {
        value = 0;
        var (suffix, unit) = Units.First(one => text.EndsWith(one.Suffix, StringComparison.OrdinalIgnoreCase));
        if (!long.TryParse(
            text.AsSpan(0, text.Length - suffix.Length).TrimEnd(), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return false;
        }
        if (count > long.MaxValue / unit) return false;
        value = count * unit;
        return true;
    }
}
