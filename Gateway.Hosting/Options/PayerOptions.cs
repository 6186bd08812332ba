namespace Xmtp.Gateway.Hosting.Options;

/// <summary>The source of the payer wallet's key.</summary>
public sealed class PayerOptions
{
    /// <summary>
    /// The payer's private key, 64 hexadecimal digits with or without 0x, for programs that set it in code. A secret:
    /// in no log and no response. Keys from flags, variables and appsettings.json are not stored here. Exactly one of
    /// this property, these sources, <see cref="PrivateKeyFile"/> and <see cref="KeystoreFile"/> is required, unless an
    /// <c>ISigner</c> is registered.
    /// </summary>
    public string? PrivateKey { get; set; }

    /// <summary>The path of a file that holds the private key, at most 64 KB of text.</summary>
    public string? PrivateKeyFile { get; set; }

    /// <summary>
    /// The path of an encrypted key file: Web3 Secret Storage, version 3. Opening it takes at most 512 MiB of memory.
    /// Needs <see cref="KeystorePasswordFile"/>.
    /// </summary>
    public string? KeystoreFile { get; set; }

    /// <summary>
    /// The path of a file that holds the password of <see cref="KeystoreFile"/>; its final line ending is ignored.
    /// </summary>
    public string? KeystorePasswordFile { get; set; }
}
