using System.Globalization;
using System.Text.RegularExpressions;

namespace Xmtp.Gateway.Chain.JsonRpc;

/// <summary>
/// Reads "invalid nonce; got 4, expected 5": without both numbers such a text does not say whether the nonce is used.
/// </summary>
internal static partial class InvalidNonce
{
    /// <summary>NonceTooLow or NonceTooHigh; null when the text is about something else, or has no two different numbers.</summary>
    public static RpcErrorKind? Find(string message)
    {
        if (!message.Contains("nonce", StringComparison.OrdinalIgnoreCase)) return null;
        if (NumberOf(Sent().Match(message)) is not { } sent || NumberOf(Next().Match(message)) is not { } next || sent == next) return null;
        return sent < next ? RpcErrorKind.NonceTooLow : RpcErrorKind.NonceTooHigh;
    }

    private static ulong? NumberOf(Match match) =>
        match.Success && ulong.TryParse(match.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    [GeneratedRegex(@"\b(?:got|actual|have|received|provided|tx)\b[\s:=]*(?:nonce[\s:=]*)?(\d+)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Sent();

    [GeneratedRegex(@"\b(?:expected|expects|want|next|state)\b[\s:=]*(?:nonce[\s:=]*)?(\d+)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Next();
}
