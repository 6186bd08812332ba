namespace Xmtp.Gateway.MultiPayer;

/// <summary>The payers of a gateway that has several.</summary>
public sealed class PayersOptions
{
    /// <summary>
    /// The path of the payers file: JSON, at most 16 MiB, read at start and when it changes. Null, the default, for a gateway whose one
    /// payer pays for everyone.
    /// </summary>
    public string? File { get; set; }
}
