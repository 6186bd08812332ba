namespace Xmtp.Gateway.Hosting.Options;

/// <summary>The payer wallet and how its envelopes reach nodes.</summary>
public sealed class PayerOptions
{
    /// <summary>
    /// The payer's private key, 64 hexadecimal digits with or without 0x, for programs that set it by themselves. A secret: in no log and no answer.
    /// What flags, variables and appsettings.json give is not put here. One of this, them, <see cref="PrivateKeyFile"/> and
    /// <see cref="KeystoreFile"/> is required, unless an <c>ISigner</c> is registered; two are a fault.
    /// </summary>
    public string? PrivateKey { get; set; }

    /// <summary>The path of a file that holds the private key, at most 64 KB of text.</summary>
    public string? PrivateKeyFile { get; set; }

    /// <summary>The path of an encrypted key file: Web3 Secret Storage, version 3. Opening it takes at most 512 MiB of memory. Needs <see cref="KeystorePasswordFile"/>.</summary>
    public string? KeystoreFile { get; set; }

    /// <summary>The path of a file that holds the password of <see cref="KeystoreFile"/>; the end of its last line does not count.</summary>
    public string? KeystorePasswordFile { get; set; }

    /// <summary>How a node is chosen: stable, manual, ordered, random or closest.</summary>
    public string NodeSelectorStrategy { get; set; } = "stable";

    /// <summary>The preferred nodes of manual, ordered and closest, in order.</summary>
    public IReadOnlyList<uint> PreferredNodes { get; set; } = [];

    /// <summary>How long a measured connect time counts (closest). More than zero; default 5 minutes.</summary>
    public TimeSpan NodeSelectorCacheExpiry { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a connect may take when it is measured (closest). More than zero; default 2 s.</summary>
    public TimeSpan NodeSelectorConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long one try at one node may take. More than zero; default 30 s.</summary>
    public TimeSpan EnvelopePublishTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How many tries an envelope has, each at another node. At least 1; default 5.</summary>
    public int EnvelopePublishRetries { get; set; } = 5;

    /// <summary>How many of a node's answers have their signature checked: <c>always</c>, or <c>sampled</c> (the first ones of a connection, then some of them, and all again after a wrong one).</summary>
    public string VerifyNodeSignatures { get; set; } = "sampled";
}
