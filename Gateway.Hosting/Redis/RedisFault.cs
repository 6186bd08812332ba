using System.Security.Authentication;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace Xmtp.Gateway.Redis;

/// <summary>Derives the state of the store from the client's exceptions. No text contains a credential or an address.</summary>
internal static partial class RedisFault
{
    private static readonly string[] Passing =
    [
        "LOADING", "CLUSTERDOWN", "MASTERDOWN", "TRYAGAIN", "BUSY", "NOREPLICAS", "MISCONF",
    ];

    /// <inheritdoc cref="StoreAnswers.IsFault"/>
    internal static bool Is(Exception exception) => StoreAnswers.IsFault(exception);

    /// <summary>The state of a store on which a command failed with this exception.</summary>
    internal static StoreCheckResult Of(Exception exception)
    {
        var text = string.Join('\n', Chain(exception).Select(one => one.Message));
        if (Has(text, "READONLY") || Has(text, "cannot be issued to a replica") || Has(text, "not eligible for replica"))
            return new StoreCheckResult(StoreStatus.ReadOnly, "is a replica and refuses writes (READONLY)");
        if (Has(text, "OOM command not allowed")) return new StoreCheckResult(StoreStatus.Full, "is full and refuses writes (OOM)");
        if (Has(text, "database does not exist") || Has(text, "DB index is out of range") || Has(text, "Multiple databases"))
        {
            return new StoreCheckResult(
                StoreStatus.Refuses,
                "has no database of that number; expected one of 0 to 15, where its configuration does not say more, and 0 in a cluster")
            {
                IsLasting = true,
            };
        }
        if (Chain(exception).OfType<AuthenticationException>().FirstOrDefault() is { } untrusted)
        {
            return new StoreCheckResult(
                StoreStatus.Unavailable, $"cannot be reached over TLS, and nothing was sent: {Line(untrusted.Message)}")
            {
                IsLasting = true,
            };
        }
        if (Has(text, "NOPERM") || Has(text, "ACL failure") || Has(text, "The user executing the script can't"))
        {
            return new StoreCheckResult(StoreStatus.Refuses, $"does not permit the gateway's user {Forbidden(text)} (NOPERM)")
            {
                IsLasting = true,
            };
        }
        if (Has(text, "unknown command"))
            return new StoreCheckResult(StoreStatus.Refuses, $"does not know {Command(text)}") { IsLasting = true };
        if (Has(text, "WRONGPASS") || Has(text, "NOAUTH") || Has(text, "invalid password") || Has(text, "AUTH <password>"))
            return new StoreCheckResult(StoreStatus.Refuses, "refuses the user or the password, or none was given") { IsLasting = true };
        if (Has(text, "unexpected EOF")
            && Chain(exception)
                .OfType<RedisConnectionException>()
                .Any(one => one.FailureType == ConnectionFailureType.AuthenticationFailure))
        {
            return new StoreCheckResult(
                StoreStatus.Unavailable,
                "cannot be reached over TLS, and nothing was sent: it ends the handshake, as a port without TLS does");
        }
        if (exception is RedisServerException)
        {
            return new StoreCheckResult(StoreStatus.Refuses, $"refuses the gateway ({Code(text)})")
            {
                IsLasting = !Passing.Any(word => Has(text, word)),
            };
        }
        return new StoreCheckResult(StoreStatus.Unavailable, "does not answer");
    }

    private static bool Has(string text, string words) => text.Contains(words, StringComparison.OrdinalIgnoreCase);

    // Scripts of Redis 6 wrap the error of a command in a text of their own: a known code is found anywhere in it.
    private static string Code(string text)
    {
        var first = Passing.FirstOrDefault(word => Has(text, word))
            ?? text.Replace("SimpleError: ", "", StringComparison.Ordinal).Split([' ', '\n'], 2)[0];
        return first.Length is > 0 and <= 20 && first.All(char.IsAsciiLetterUpper) ? first : "ERR";
    }

    // Servers differ in whether they name the command that a script was refused.
    private static string Forbidden(string text) =>
        Has(text, "channel") ? "the channel under the key prefix"
        : Has(text, "keys") ? "the keys under the key prefix"
        : Command(text);

    private static string Command(string text) =>
        CommandName().Match(text) is { Success: true } named ? $"the command {named.Groups[1].Value}" : "a command of the gateway";

    [GeneratedRegex("(?:run the|unknown command) [`']([A-Za-z|]{1,30})[`']", RegexOptions.CultureInvariant)]
    private static partial Regex CommandName();

    private static string Line(string text) => text.ReplaceLineEndings(" ").TrimEnd('.');

    private static IEnumerable<Exception> Chain(Exception exception)
    {
        for (var one = exception; one is not null; one = one.InnerException!) yield return one;
    }
}
