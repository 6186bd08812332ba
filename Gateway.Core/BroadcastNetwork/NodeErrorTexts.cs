using System.Text.RegularExpressions;

namespace Xmtp.Gateway.BroadcastNetwork;

/// <summary>
/// Recognizes by its message a node's error about a dependency, and a fault of the node itself that it blames on the
/// request.
/// </summary>
internal static partial class NodeErrorTexts
{
    /// <summary>Whether an envelope depends on something that the node has not seen yet.</summary>
    internal static bool IsDependency(string text) => Dependency().IsMatch(text);

    /// <summary>
    /// Whether a fault of the node itself is wrapped in a refusal: its database, its validation service, its rates, its
    /// address.
    /// </summary>
    internal static bool IsOwn(string text) => Own().IsMatch(text) || ShowsInside(text);

    /// <summary>
    /// Whether a message exposes the node's internals: besides addresses, these are users, databases, hosts and statements.
    /// </summary>
    internal static bool ShowsInside(string text) => Inside().IsMatch(text);

    [GeneratedRegex("exceeds last seen|has not been seen", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Dependency();

    [GeneratedRegex(
        @"\binternal:|congestion fee|could not (fetch|calculate|load)|rates? (are|is) (too )?(old|stale|missing)|" +
        @"older than [0-9]+|no rates|invalid target originator",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Own();

    [GeneratedRegex(
        @"\b(user|username|database|dbname|host|hostaddr|password|sslmode)=|SQLSTATE|\bdial\b|postgres|\bpq:|" +
        @"connection (refused|reset)|failed to connect|no such host|\bi/o timeout|read-only transaction|panic:",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Inside();
}
