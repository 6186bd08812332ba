using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet;

/// <summary>Finds out who pays by the gateway's flags, so that the network has money for that payer.</summary>
internal static class GatewayPayer
{
    private const string Key = "--payer.private-key";
    private const string KeyFile = "--payer.private-key-file";

    /// <summary>The key that the gateway is given, by value or as a file; the last one counts.</summary>
    /// <returns>False when there is none, or when it is none: the gateway then says what is wrong with it.</returns>
    public static bool TryFind(IReadOnlyList<string> arguments, [NotNullWhen(true)] out PrivateKeySigner? payer)
    {
        payer = null;
        return PrivateKeySigner.TryParse(Value(arguments, Key) ?? Content(Value(arguments, KeyFile)), out payer);
    }

    /// <summary>Whether the gateway is given a key in another way than by value, beside which there must be none.</summary>
    public static bool IsInFile(IReadOnlyList<string> arguments) =>
        arguments.Any(argument => argument.Split('=')[0] is KeyFile or "--payer.keystore-file");

    private static string? Value(IReadOnlyList<string> arguments, string flag)
    {
        for (var at = arguments.Count - 1; at >= 0; at--)
        {
            if (arguments[at].StartsWith(flag + "=", StringComparison.Ordinal)) return arguments[at][(flag.Length + 1)..];
            if (arguments[at] == flag && at + 1 < arguments.Count) return arguments[at + 1];
        }

        return null;
    }

    private static string? Content(string? path)
    {
        try
        {
            return path is null ? null : File.ReadAllText(path).Trim();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
