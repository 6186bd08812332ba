using System.Diagnostics.CodeAnalysis;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>Bytes as JSON-RPC writes them: 0x and two hexadecimal digits per byte.</summary>
public static class HexData
{
    /// <summary>0x and lower-case digits.</summary>
    public static string Format(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>Reads 0x or 0X and an even number of digits.</summary>
    /// <returns>False for anything else: no 0x, an odd number of digits, another character.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text is null || !text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) || text.Length % 2 != 0) return false;
        var result = new byte[(text.Length - 2) / 2];
        if (Convert.FromHexString(text.AsSpan(2), result, out _, out _) != System.Buffers.OperationStatus.Done) return false;
        bytes = result;
        return true;
    }
}
