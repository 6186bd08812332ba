namespace Xmtp.Gateway.Bench.Payers;

/// <summary>A payer of a payers file.</summary>
/// <param name="Number">Which one: its name, its key and its callers follow from that.</param>
internal sealed record PayersRow(int Number)
{
    /// <summary>Whether the program that has the file names its signer, so that it has no key file.</summary>
    public bool HasSigner { get; init; }

    /// <summary>Its budgets; null for none.</summary>
    public string? Budgets { get; init; }
}
