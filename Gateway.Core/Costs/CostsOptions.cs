namespace Xmtp.Gateway.Costs;

/// <summary>Bounds on the cost of publishing, and whether callers get the cost.</summary>
public sealed class CostsOptions
{
    /// <summary>Whether responses contain their cost in the trailer <c>xmtp-cost-picodollars</c>; default no.</summary>
    public bool Trailer { get; set; }

    /// <summary>
    /// The max factor by which new rates may exceed the previous ones: above it, publishing to nodes is paused; and the
    /// max factor by which an answer's fees may exceed the rates: above it, the answer is refused. 0 turns both off; default 10.
    /// </summary>
    public ulong MaxRateJump { get; set; } = 10;

    /// <summary>
    /// The max cost of one message, in microdollars; a more expensive one is refused. 0 turns it off; default 1,000,000 ($1).
    /// </summary>
    public ulong MaxMessagePrice { get; set; } = 1_000_000;

    /// <summary>
    /// The price of a whole coin (10¹⁸ wei) of the App Chain, in microdollars. Default 1,000,000: its gas is paid in dollars.
    /// </summary>
    public ulong GasCoinPrice { get; set; } = 1_000_000;
}
