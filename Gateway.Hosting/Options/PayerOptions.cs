namespace Xmtp.Gateway.Hosting.Options;

/// <summary>Where the key of the payer wallet comes from.</summary>
public sealed class PayerOptions
{
    /// <summary>
    /// The payer's private key, 64 hexadecimal digits with or without 0x, for programs that set it by themselves. A
    /// secret: in no log and no answer.
    /// What flags, variables and appsettings.json give is not put here. One of this, them, <see cref="PrivateKeyFile"/> and
    /// <see cref="KeystoreFile"/> is required, unless an <c>ISigner</c> is registered; two are a fault.
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
    /// The path of a file that holds the password of <see cref="KeystoreFile"/>; the end of its last line does not
    /// count.
    /// </summary>
    public string? KeystorePasswordFile { get; set; }
}
