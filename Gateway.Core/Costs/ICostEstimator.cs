using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Costs;

/// <summary>Estimates what envelopes will cost by the rates in force. Waits for nothing.</summary>
public interface ICostEstimator
{
    /// <summary>
    /// The estimate for a request. While no rates are known, fees are zero and <see cref="CostEstimate.LacksRates"/>
    /// says so.
    /// </summary>
    CostEstimate Estimate(IReadOnlyList<ParsedEnvelope> envelopes);
}
