namespace Xmtp.Gateway.Costs;

/// <summary>The estimated cost of a request by the rates in force, split by where it is paid.</summary>
/// <param name="BroadcastNetwork">Node fees, paid from the payer's balance on the settlement chain.</param>
/// <param name="AppChain">Gas, paid from the payer's native balance on the App Chain.</param>
public readonly record struct CostEstimate(Picodollars BroadcastNetwork, Picodollars AppChain)
{
    /// <summary>Both together.</summary>
    public Picodollars Total => new(checked(BroadcastNetwork.Value + AppChain.Value));
}
