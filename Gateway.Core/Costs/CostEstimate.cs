using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Costs;

/// <summary>The estimated cost of a request by the rates in force, split by where it is paid.</summary>
/// <param name="BroadcastNetwork">Node fees, paid from the payer's balance on the settlement chain.</param>
/// <param name="AppChain">Gas, paid from the payer's native balance on the App Chain, at the configured price of its coin.</param>
public readonly record struct CostEstimate(Picodollars BroadcastNetwork, Picodollars AppChain)
{
    /// <summary>The gas in the App Chain's unit.</summary>
    public Wei AppChainGas { get; init; }

    /// <summary>The cost of the most expensive envelope of the request.</summary>
    public Picodollars MaxEnvelopeCost { get; init; }

    /// <summary>The index of that envelope, from 0.</summary>
    public int MaxEnvelopeIndex { get; init; }

    /// <summary>
    /// Whether no rates were known for envelopes for nodes: their fees are missing from the estimate, and a budget
    /// cannot be charged.
    /// </summary>
    public bool LacksRates { get; init; }

    /// <summary>The sum of both.</summary>
    public Picodollars Total => BroadcastNetwork + AppChain;

    /// <summary>What the payer pays of it: without the node fees, where a wallet of the caller pays those.</summary>
    internal CostEstimate ForPayerOf(ClientIdentity caller) =>
        caller.Wallet is null ? this : this with { BroadcastNetwork = Picodollars.Zero, LacksRates = false };
}
