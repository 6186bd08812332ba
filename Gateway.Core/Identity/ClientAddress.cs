using System.Net;
using System.Net.Sockets;

namespace Xmtp.Gateway.Identity;

/// <summary>Formats and parses addresses of clients.</summary>
internal static class ClientAddress
{
    /// <summary>
    /// The name of a client: an IPv4 address as it is, an IPv6 address as its /64, because one subscriber has a whole /64.
    /// </summary>
    internal static string Name(IPAddress address)
    {
        address = Fold(address);
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address.ToString();
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        bytes[8..].Clear();
        return $"{new IPAddress(bytes)}/64";
    }

    /// <summary>Converts an IPv4 address that is mapped into IPv6 to that IPv4 address.</summary>
    internal static IPAddress Fold(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>
    /// Parses <c>203.0.113.7</c>, <c>203.0.113.7:1234</c>, <c>2001:db8::1</c>, <c>[2001:db8::1]</c> and
    /// <c>[2001:db8::1]:443</c>.
    /// </summary>
    internal static IPAddress? Read(ReadOnlySpan<char> text)
    {
        text = text.Trim();
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']');
            return end > 0 && IsPort(text[(end + 1)..]) ? Parse(text[1..end], AddressFamily.InterNetworkV6) : null;
        }

        var colon = text.IndexOf(':');
        if (colon < 0 || colon != text.LastIndexOf(':'))
            return Parse(text, colon < 0 ? AddressFamily.InterNetwork : AddressFamily.InterNetworkV6);
        return IsPort(text[colon..]) ? Parse(text[..colon], AddressFamily.InterNetwork) : null;
    }

    // The framework's parser of numbers also takes NUL characters behind the digits.
    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.IsEmpty
        || (text[0] == ':' && !text.Contains('\0') && ushort.TryParse(text[1..], System.Globalization.NumberStyles.None, null, out _));

    // Address parsers also accept "1" and "0x7f.1"; only four numbers with dots are accepted here.
    private static IPAddress? Parse(ReadOnlySpan<char> text, AddressFamily family)
    {
        if (family == AddressFamily.InterNetwork && text.Count('.') != 3) return null;
        return IPAddress.TryParse(text, out var address) && address.AddressFamily == family ? Fold(address) : null;
    }
}
