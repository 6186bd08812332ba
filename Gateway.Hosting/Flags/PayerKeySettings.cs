using Xmtp.Gateway.Hosting.Options;

namespace Xmtp.Gateway.Hosting.Flags;

/// <summary>Where the payer's key comes from: one of three places, which <c>PayerKeySource</c> reads.</summary>
internal sealed class PayerKeySettings : SettingGroup<PayerOptions>
{
    /// <summary>The rows.</summary>
    /// <param name="use">What the key is for, as help says it; null for the wallet that pays.</param>
    public PayerKeySettings(string? use = null)
        : base("Payer's key", "Xmtp:Payer")
    {
        // Its text goes to no options: whoever reads them would have it for as long as the process runs.
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

    /// <summary>A file that holds it.</summary>
    public Setting<PayerOptions> PrivateKeyFile { get; }

    /// <summary>A file that holds it encrypted.</summary>
    public Setting<PayerOptions> KeystoreFile { get; }

    /// <summary>A file that holds the password of that one.</summary>
    public Setting<PayerOptions> KeystorePasswordFile { get; }
}
