using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Costs;

/// <summary>
/// Sums the cost of a request's envelopes. Each envelope counts towards the congestion of the next, as nodes count them.
/// </summary>
internal sealed class RateEstimator(EnvelopeCosts costs) : ICostEstimator
{
    public CostEstimate Estimate(IReadOnlyList<ParsedEnvelope> envelopes)
    {
        var (fees, gasPrice, gas) = (Picodollars.Zero, Picodollars.Zero, Wei.Zero);
        var (highest, index) = (Picodollars.Zero, 0);
        var isForNodes = false;
        var before = envelopes.Count > 1 ? new Dictionary<uint, int>() : null;
        for (var i = 0; i < envelopes.Count; i++)
        {
            var cost = costs.Of(envelopes[i], before);
            (fees, gasPrice, gas) = (fees + cost.Fees, gasPrice + cost.GasPrice, gas + cost.Gas);
            isForNodes |= envelopes[i].Destination == Destination.BroadcastNetwork;
            if (cost.Total > highest) (highest, index) = (cost.Total, envelopes[i].Index);
        }

        return new CostEstimate(fees, gasPrice)
        {
            AppChainGas = gas,
            MaxEnvelopeCost = highest,
            MaxEnvelopeIndex = index,
            LacksRates = isForNodes && !costs.KnowsRates,
        };
    }
}
