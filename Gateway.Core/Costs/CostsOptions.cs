namespace Xmtp.Gateway.Costs;

/// <summary>What publishing may cost, and who is told.</summary>
public sealed class CostsOptions
{
    /// <summary>Whether answers carry what they cost as the trailer <c>xmtp-cost-picodollars</c>; default no.</summary>
    public bool Trailer { get; set; }

    /// <summary>
    /// Rates that come into force and are more than so many times dearer than those before pause publishing to nodes,
    /// and an answer with fees that are so many times those of the rates is refused. 0 turns both off; default 10.
    /// </summary>
    public ulong MaxRateJump { get; set; } = 10;

    /// <summary>
    /// The most that one message may cost, in microdollars; a dearer one is refused. 0 turns it off; default 1,000,000
    /// ($1).
    /// </summary>
    public ulong MaxMessagePrice { get; set; } = 1_000_000;

    /// <summary>
    /// What a whole coin (10¹⁸ wei) of the App Chain is worth, in microdollars. Default 1,000,000: its gas is paid in
    /// dollars.
    /// </summary>
    public ulong GasCoinPrice { get; set; } = 1_000_000;
}
