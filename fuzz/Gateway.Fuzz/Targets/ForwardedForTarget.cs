using System.Net;
using System.Text;
using Microsoft.Extensions.Primitives;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Fuzz.Targets;

/// <summary>
/// The client is the first hop from the right that no trusted proxy is, by a search that is written only here. A peer that is not
/// trusted is the client itself, whatever the header says. The first byte of an input chooses the peer; lines are several headers.
/// </summary>
public sealed class ForwardedForTarget : IFuzzTarget
{
    private static readonly IPAddress[] Peers =
    [
        IPAddress.Parse("10.0.0.1"), IPAddress.Parse("::ffff:10.0.0.2"), IPAddress.Parse("2001:db8:1::1"), IPAddress.Parse("203.0.113.7"),
    ];

    private static readonly IPNetwork[] Trusted = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8:1::/48")];

    public string Name => "forwarded-for";

    public string Summary => "X-Forwarded-For behind trusted proxies, compared with a second search";

    public IEnumerable<(string Name, byte[] Input)> Seeds =>
    [
        ("one", Bytes.Utf8("\0203.0.113.9")),
        ("with-ports", Bytes.Utf8("\0[2001:db8:2::5]:443, 203.0.113.9:1234, 10.1.1.1:80")),
        ("forged", Bytes.Utf8("\u0003127.0.0.1, 10.0.0.9")),
        ("mapped", Bytes.Utf8("\u0001::ffff:203.0.113.9, ::ffff:10.0.0.3")),
        ("two-headers", Bytes.Utf8("\u0002203.0.113.9\n10.0.0.9, 2001:db8:1::9")),
        ("nonsense", Bytes.Utf8("\0unknown, _hidden, 0x7f.1, 1, 10.0.0.1")),
        ("scope", Bytes.Utf8("\0fe80::1%eth0")),
    ];

    public void Run(byte[] input)
    {
        var peer = Peers[Bytes.Choice(input, 0, Peers.Length)];
        var lines = Encoding.Latin1.GetString(Bytes.After(input, 1)).Split('\n');
        var client = ForwardedFor.Client(peer, new StringValues(lines), Trusted);

        Expect.Same(Search(peer, string.Join(',', lines).Split(',')), client, "the client");
        Expect.That(!client.IsIPv4MappedToIPv6, "a mapped address is an IPv4 address");
        var name = ClientAddress.Name(client);
        Expect.That(
            name.EndsWith("/64", StringComparison.Ordinal) ? IPNetwork.TryParse(name, out _) : IPAddress.TryParse(name, out _),
            $"{name} is not an address");
    }

    private static IPAddress Search(IPAddress peer, string[] hops)
    {
        var client = Unmapped(peer);
        foreach (var hop in hops.Reverse())
        {
            if (!Trusted.Any(network => network.Contains(client)) || Parse(hop.Trim()) is not { } next) break;
            client = next;
        }

        return client;
    }

    // The framework's parser, without its short and scopeless forms of IPv4.
    private static IPAddress? Parse(string hop)
    {
        var isDotted = hop.Split(':')[0].Count(letter => letter == '.') == 3;
        if (!hop.Contains(':', StringComparison.Ordinal)) return isDotted && IPAddress.TryParse(hop, out var four) ? Unmapped(four) : null;
        if (isDotted) return IPEndPoint.TryParse(hop, out var endPoint) && HasPort(hop) ? Unmapped(endPoint.Address) : null;
        if (!hop.StartsWith('[')) return IPAddress.TryParse(hop, out var six) ? Unmapped(six) : null;
        var end = hop.IndexOf(']', StringComparison.Ordinal);
        if (end < 0 || !hop[1..end].Contains(':', StringComparison.Ordinal)) return null;
        if (!IPAddress.TryParse(hop[1..end], out var bracketed)) return null;
        return hop.Length == end + 1 || (hop[end + 1] == ':' && HasPort(hop[end..])) ? Unmapped(bracketed) : null;
    }

    private static bool HasPort(string text)
    {
        var digits = text[(text.LastIndexOf(':') + 1)..];
        return text.IndexOf(':', StringComparison.Ordinal) == text.Length - digits.Length - 1
            && digits.Length > 0 && digits.All(char.IsAsciiDigit) && System.Numerics.BigInteger.Parse(digits) <= ushort.MaxValue;
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
