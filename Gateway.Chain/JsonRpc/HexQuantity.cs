using System.Globalization;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// Numbers as JSON-RPC writes them: 0x and the digits without a leading zero; zero is <c>0x0</c>. Reading accepts
/// leading zeros and <c>0x</c> for zero, as some endpoints send them, but no sign, no blank, and no number that does not fit.
/// </summary>
internal static class HexQuantity
{
    private const int MaxDigits = 32;

    /// <summary>0x and the fewest digits.</summary>
    public static string Format(UInt128 value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>Reads a number of up to 128 bits.</summary>
    public static bool TryParse(string? text, out UInt128 value)
    {
        value = default;
        if (text is null || text.Length < 2 || !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) return false;
        var digits = text.AsSpan(2).TrimStart('0');
        if (digits.IsEmpty) return true;
        return digits.Length <= MaxDigits
            && UInt128.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Reads a number of up to 64 bits.</summary>
    public static bool TryParse(string? text, out ulong value)
    {
        var fits = TryParse(text, out UInt128 wide) && wide <= ulong.MaxValue;
        value = fits ? (ulong)wide : 0;
        return fits;
    }
}
