using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Costs;

/// <summary>Estimates the cost of envelopes by the current rates. Does not wait.</summary>
public interface ICostEstimator
{
    /// <summary>
    /// The estimate for a request. While no rates are known, fees are zero and <see cref="CostEstimate.LacksRates"/> is true.
    /// </summary>
    CostEstimate Estimate(IReadOnlyList<ParsedEnvelope> envelopes);
}
