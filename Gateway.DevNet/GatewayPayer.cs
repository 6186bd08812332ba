using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Crypto;

namespace Xmtp.Gateway.DevNet;

/// <summary>Finds the payer in the gateway's flags, so that the network can fund it.</summary>
internal static class GatewayPayer
{
    private const string Key = "--payer.private-key";
    private const string KeyFile = "--payer.private-key-file";

    /// <summary>Reads the key that the gateway is given, by value or as a file; the last one of a flag counts.</summary>
    /// <returns>False when there is none or it is invalid: the gateway then reports the fault.</returns>
    public static bool TryFind(IReadOnlyList<string> arguments, [NotNullWhen(true)] out PrivateKeySigner? payer)
    {
        payer = null;
        return PrivateKeySigner.TryParse(Value(arguments, Key) ?? Content(Value(arguments, KeyFile)), out payer);
    }

    /// <summary>Whether the gateway is given a key file, so that a key by value must not be added.</summary>
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
