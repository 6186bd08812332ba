using Microsoft.AspNetCore.Builder;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Hosting.Flags;
using Xmtp.Gateway.Hosting.Keys;

namespace Xmtp.Gateway.Wallet;

/// <summary>Makes a payer's key, and writes it to a new encrypted file that the gateway reads. The key is not shown.</summary>
internal static class NewKeyTool
{
    /// <summary>Makes it.</summary>
    /// <exception cref="WalletException">There is no password, or the file cannot be written or exists.</exception>
    internal static async Task RunAsync(PayerArguments asked, WalletConsole console, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(asked.Out!);
        if (Path.Exists(path)) throw Exists(path);
        var (file, typed) = await PasswordAsync(asked.Settings, console, cancellationToken).ConfigureAwait(false);
        using (file)
        {
            var password = file is null ? typed! : file.Text.ToString();
            var address = Write(path, password);
            await console.Output.WriteLineAsync(
                $"""
                address       {address}
                file          {path}
                """).ConfigureAwait(false);
        }

        await console.TellAsync(
            "The gateway reads it with --payer.keystore-file and --payer.keystore-password-file. Keep a copy of the file and of the " +
            "password: without both the money of this address is lost.").ConfigureAwait(false);
    }

    private static EthereumAddress Write(string path, string password)
    {
        var (text, address) = KeystoreWriter.Create(password);
        using var stream = Open(path);
        try
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
            stream.Close();
            using var file = SecretFile.Read("--out", path, out var fault);
            if (file is not null && Keystore.Read(file.Text).Open(password)?.Address == address) return address;
            throw new WalletException($"{path}: what was written cannot be read back: {fault ?? "it is another key"}; do not use it");
        }
        catch (IOException exception)
        {
            // Half a key file must not be taken for one, nor be in the way of the next attempt.
            stream.Close();
            File.Delete(path);
            throw new WalletException($"{path}: the file cannot be written: {exception.Message}; it was deleted");
        }
    }

    private static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        try
        {
            return new FileStream(path, options);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw Exists(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WalletException($"{path}: the file cannot be written: {exception.Message}");
        }
    }

    // From the file that the gateway's own flag or variable names, else asked for twice.
    private static async Task<(SecretFile? File, string? Typed)> PasswordAsync(
        IReadOnlyList<string> settings, WalletConsole console, CancellationToken cancellationToken)
    {
        var table = GatewaySettings.Table();
        var line = CommandLine.Read(settings, table);
        if (line.Faults.Count > 0) throw new WalletException(string.Join(Environment.NewLine, line.Faults), WalletExit.Misused);
        var configuration = WebApplication.CreateBuilder().Configuration;
        SettingConfiguration.AddTo(configuration, table, line);
        var setting = table.Group<PayerKeySettings>().KeystorePasswordFile;
        if (setting.Given(configuration) is { } path)
        {
            var file = SecretFile.Read(setting.Name, path, out var fault);
            return file is null ? throw new WalletException(fault!, WalletExit.Misused) : (file, null);
        }

        var typed = await console.ReadPasswordAsync("Password of the new key file:", cancellationToken).ConfigureAwait(false);
        if (string.IsNullOrWhiteSpace(typed))
        {
            throw new WalletException(
                $"no password was given; expected one, or {setting.Name} with a file that holds it; nothing was written",
                WalletExit.Misused);
        }

        var again = await console.ReadPasswordAsync("Repeat the password:", cancellationToken).ConfigureAwait(false);
        return again == typed ? (null, typed) : throw new WalletException("the two passwords differ; nothing was written");
    }

    private static WalletException Exists(string path) => new($"{path} exists already, and no file is overwritten; nothing was written");
}
