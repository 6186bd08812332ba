using Xmtp.Gateway.Chain;

namespace Xmtp.Gateway.Costs;

/// <summary>The estimated cost of one envelope. Either the fees or the gas are zero.</summary>
/// <param name="Fees">Node fees.</param>
/// <param name="Gas">Gas on the App Chain, in its unit.</param>
/// <param name="GasPrice">The same gas at the configured price of the coin.</param>
internal readonly record struct EnvelopeCost(Picodollars Fees, Wei Gas, Picodollars GasPrice)
{
    internal Picodollars Total => Fees + GasPrice;
}
