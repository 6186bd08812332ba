using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>The source of the payer's key: one of three places, read by <c>PayerKeySource</c>.</summary>
internal sealed class PayerKeySettings : SettingGroup<PayerOptions>
{
    /// <summary>The rows.</summary>
    /// <param name="use">The purpose of the key, for the help text; null for the wallet that pays.</param>
    public PayerKeySettings(string? use = null)
        : base("Payer's key", "Xmtp:Payer")
    {
        // The key's text is not put into the options: every reader of these would hold it as long as the process runs.
        Amend(PrivateKey = Add("payer.private-key", "XMTPD_PAYER_PRIVATE_KEY", "PrivateKey", SettingTypes.PrivateKey, (_, _) => { }, null,
            use ?? "key of the wallet that pays; a secret") with
        {
            Secret = true,
        });
        PrivateKeyFile = Add(
            "payer.private-key-file",
            "XMTPD_PAYER_PRIVATE_KEY_FILE",
            "PrivateKeyFile",
            SettingTypes.File,
            (o, v) => o.PrivateKeyFile = v,
            null,
            "file that holds that key instead, such as a mounted secret");
        KeystoreFile = Add(
            "payer.keystore-file", "XMTPD_PAYER_KEYSTORE_FILE", "KeystoreFile", SettingTypes.File, (o, v) => o.KeystoreFile = v, null,
            "encrypted key file instead: Web3 Secret Storage, version 3");
        KeystorePasswordFile = Add(
            "payer.keystore-password-file",
            "XMTPD_PAYER_KEYSTORE_PASSWORD_FILE",
            "KeystorePasswordFile",
            SettingTypes.File,
            (o, v) => o.KeystorePasswordFile = v,
            null,
            "file that holds the password of the encrypted key file");
    }

    /// <summary>The key itself.</summary>
    public Setting<PayerOptions> PrivateKey { get; }

    /// <summary>A file with the key.</summary>
    public Setting<PayerOptions> PrivateKeyFile { get; }

    /// <summary>A file with the encrypted key.</summary>
    public Setting<PayerOptions> KeystoreFile { get; }

    /// <summary>A file with the password of the encrypted key file.</summary>
    public Setting<PayerOptions> KeystorePasswordFile { get; }
}
