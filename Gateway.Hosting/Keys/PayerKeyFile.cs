using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting.Flags;

namespace Xmtp.Gateway.Hosting.Keys;

/// <summary>Reads a payer's key from a file, or from an encrypted key file and the file of its password.</summary>
/// <remarks>A fault contains neither a key nor a path: a key may have been given in place of a path.</remarks>
internal static class PayerKeyFile
{
    /// <summary>Reads a file that holds the key itself.</summary>
    /// <param name="setting">The setting that named the file, for faults.</param>
    /// <param name="path">The file.</param>
    public static PayerKey Read(string setting, string path)
    {
        using var file = SecretFile.Read(setting, path, out var fault);
        if (file is null) return Broken(setting, fault!);
        return PrivateKeySigner.TryParse(file.Text, out var signer)
            ? new PayerKey(signer, setting, [], Warnings(file))
            : Broken(setting, $"{setting}: what the file holds is not a key; expected {SettingTypes.PrivateKey.Expected}");
    }

    /// <summary>Opens an encrypted key file, which may take seconds.</summary>
    /// <param name="setting">The setting that named the file, for faults.</param>
    /// <param name="path">The file.</param>
    /// <param name="passwordSetting">The setting that named the file of the password.</param>
    /// <param name="passwordPath">That file.</param>
    public static PayerKey ReadKeystore(string setting, string path, string passwordSetting, string passwordPath)
    {
        using var file = SecretFile.Read(setting, path, out var fault);
        using var password = SecretFile.Read(passwordSetting, passwordPath, out var passwordFault);
        if (file is null || password is null)
            return new PayerKey(null, setting, [.. new[] { fault, passwordFault }.OfType<string>()], []);
        try
        {
            return Keystore.Read(file.Text).Open(password.Text) is { } signer
                ? new PayerKey(signer, setting, [], Warnings(file, password))
                : Broken(
                    passwordSetting, $"{passwordSetting}: the password does not open the file of {setting}, or that file is damaged");
        }
        catch (KeystoreException exception)
        {
            return Broken(setting, $"{setting}: the file cannot be used: {exception.Message}; expected Web3 Secret Storage, version 3");
        }
    }

    /// <summary>
    /// As <see cref="ReadKeystore"/>, but the key is opened at its first use if the file names its address: until then that address
    /// and the files are checked only.
    /// </summary>
    public static PayerKey DeferKeystore(string setting, string path, string passwordSetting, string passwordPath)
    {
        using var file = SecretFile.Read(setting, path, out _);
        using var password = SecretFile.Read(passwordSetting, passwordPath, out _);
        if (file is null || password is null || AddressOf(file) is not { } address)
            return ReadKeystore(setting, path, passwordSetting, passwordPath);
        var signer = new DeferredKeystore(address, () => ReadKeystore(setting, path, passwordSetting, passwordPath));
        return new PayerKey(signer, setting, [], Warnings(file, password));
    }

    private static EthereumAddress? AddressOf(SecretFile file)
    {
        try
        {
            return Keystore.Read(file.Text).Address;
        }
        catch (KeystoreException)
        {
            return null;
        }
    }

    private static PayerKey Broken(string setting, string fault) => new(null, setting, [fault], []);

    private static IReadOnlyList<string> Warnings(params SecretFile[] files) => [.. files.Select(file => file.Warning).OfType<string>()];
}
