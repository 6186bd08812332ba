using System.Diagnostics.CodeAnalysis;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Keys;

namespace Xmtp.Gateway.DevNet;

/// <summary>Finds the payer in the gateway's flags, so that the network can fund it.</summary>
internal static class GatewayPayer
{
    private const string Key = "--payer.private-key";
    private const string KeyFile = "--payer.private-key-file";
    private const string KeystoreFile = "--payer.keystore-file";
    private const string PayersFile = "--payers-file";
    private const string PasswordFile = "--payer.keystore-password-file";

    /// <summary>Reads the key that the gateway is given, by value or in a file; the last one of a flag counts.</summary>
    /// <returns>False when there is none or it is invalid: the gateway then reports the fault.</returns>
    public static bool TryFind(IReadOnlyList<string> arguments, [NotNullWhen(true)] out PrivateKeySigner? payer)
    {
        if (Value(arguments, KeystoreFile) is { } keystore && Value(arguments, PasswordFile) is { } password)
            payer = Open(keystore, password);
        else
            _ = PrivateKeySigner.TryParse(Value(arguments, Key) ?? Content(Value(arguments, KeyFile)), out payer);
        return payer is not null;
    }

    /// <summary>Whether the gateway is given a file of a key or of payers, so that a key by value must not be added.</summary>
    public static bool IsInFile(IReadOnlyList<string> arguments) =>
        arguments.Any(argument => argument.Split('=')[0] is KeyFile or KeystoreFile or PayersFile);

    private static string? Value(IReadOnlyList<string> arguments, string flag)
    {
        for (var at = arguments.Count - 1; at >= 0; at--)
        {
            if (arguments[at].StartsWith(flag + "=", StringComparison.Ordinal)) return arguments[at][(flag.Length + 1)..];
            if (arguments[at] == flag && at + 1 < arguments.Count) return arguments[at + 1];
        }

        return null;
    }

    private static PrivateKeySigner? Open(string keystore, string password)
    {
        using var file = SecretFile.Read(KeystoreFile, keystore, out _);
        using var secret = SecretFile.Read(PasswordFile, password, out _);
        try
        {
            return file is null || secret is null ? null : Keystore.Read(file.Text).Open(secret.Text);
        }
        catch (KeystoreException)
        {
            return null;
        }
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
