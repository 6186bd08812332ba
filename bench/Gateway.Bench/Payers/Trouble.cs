namespace Xmtp.Gateway.Bench.Payers;

/// <summary>What one of two payers has.</summary>
internal enum Trouble
{
    /// <summary>It is well.</summary>
    None,

    /// <summary>Neither balance nor gas: its callers are refused.</summary>
    Empty,

    /// <summary>Its budget is used up: its callers are refused.</summary>
    Paused,

    /// <summary>It is taken out of the payers file: its callers are refused.</summary>
    Removed,

    /// <summary>Transactions that are not mined: its callers wait.</summary>
    Stuck,

    /// <summary>A signer that cannot be reached: its callers are refused.</summary>
    SignerUnreachable,

    /// <summary>A signer that accepts requests and does not answer: its callers wait.</summary>
    SignerSilent,
}
