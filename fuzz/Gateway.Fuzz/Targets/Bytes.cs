using System.Text;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>Writes inputs.</summary>
internal static class Bytes
{
    /// <summary>Hexadecimal digits; blanks are skipped.</summary>
    public static byte[] Hex(string digits) => Convert.FromHexString(digits.Replace(" ", "", StringComparison.Ordinal));

    public static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>1, 2, 3, …</summary>
    public static byte[] Counted(int count) => [.. Enumerable.Range(1, count).Select(number => (byte)number)];

    /// <summary>The number of a byte among some: a fuzzer's byte always chooses one.</summary>
    public static int Choice(ReadOnlySpan<byte> input, int at, int count) => at < input.Length ? input[at] % count : 0;

    /// <summary>The input after some bytes.</summary>
    public static byte[] After(byte[] input, int count) => input.Length <= count ? [] : input[count..];
}
