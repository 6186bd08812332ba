using System.Globalization;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// Numbers as JSON-RPC writes them: 0x and the digits without a leading zero, zero being <c>0x0</c>.
/// Reading is strict: no leading zeros, no sign, no blank, and never a number that does not fit.
/// </summary>
public static class HexQuantity
{
    /// <summary>0x and the fewest digits.</summary>
    public static string Format(UInt128 value) => "0x" + value.ToString("x", CultureInfo.InvariantCulture);

    /// <summary>Reads a number of up to 128 bits.</summary>
    public static bool TryParse(string? text, out UInt128 value)
    {
        value = default;
        if (text is null || text.Length is < 3 or > 34 || !text.StartsWith("0x", StringComparison.Ordinal)) return false;
        if (text[2] == '0' && text.Length > 3) return false;
        return UInt128.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Reads a number of up to 64 bits.</summary>
    public static bool TryParse(string? text, out ulong value)
    {
        var fits = TryParse(text, out UInt128 wide) && wide <= ulong.MaxValue;
        value = fits ? (ulong)wide : 0;
        return fits;
    }
}
