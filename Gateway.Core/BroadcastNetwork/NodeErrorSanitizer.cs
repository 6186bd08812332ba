using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Makes a node's error message fit for a caller: one short line, the caller's own indexes, and no addresses.
/// </summary>
internal static partial class NodeErrorSanitizer
{
    private const int MaxLength = 300;

    /// <summary>Cleans a message.</summary>
    /// <param name="text">
    /// The node's message. It counts the envelopes it received: <c>index 1</c> or <c>payer_envelopes[1]</c>.
    /// </param>
    /// <param name="sent">Those envelopes; each has its index in the caller's request.</param>
    /// <param name="index">The first index in the message; null when there is none.</param>
    internal static string ForCaller(string text, IReadOnlyList<ParsedEnvelope> sent, out int? index)
    {
        int? first = null;
        var counted = Counted().Replace(text.Length > 4 * MaxLength ? text[..(4 * MaxLength)] : text, match =>
        {
            if (!int.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var at) || at >= sent.Count)
                return match.Value;
            first ??= sent[at].Index;
            return match.Groups[1].Value + sent[at].Index.ToString(CultureInfo.InvariantCulture);
        });
        index = first;

        var words = counted.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < words.Length; i++)
            if (IsAddress(words[i]))
                words[i] = "…";
        var line = string.Join(' ', words);
        return line.Length > MaxLength ? line[..MaxLength] + "…" : line;
    }

    private static bool IsAddress(string word)
    {
        var bare = word.Trim('"', '\'', '(', ')', '[', ']', ',', ';', '.', ':');
        return bare.Contains("://", StringComparison.Ordinal)
            || (bare.Length > 7 && (IPAddress.TryParse(bare, out _) || IPEndPoint.TryParse(bare, out _)))
            || HostAndPort().IsMatch(bare)
            || EthereumAddress().IsMatch(bare);
    }

    [GeneratedRegex(@"(index |payer_envelopes\[)([0-9]{1,6})", RegexOptions.CultureInvariant)]
    private static partial Regex Counted();

    [GeneratedRegex(@"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*:[0-9]{2,5}(/.*)?$", RegexOptions.CultureInvariant)]
    private static partial Regex HostAndPort();

    [GeneratedRegex("0x[0-9A-Fa-f]{40}", RegexOptions.CultureInvariant)]
    private static partial Regex EthereumAddress();
}
