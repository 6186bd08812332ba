using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Costs;

/// <summary>Estimates what envelopes will cost by the rates in force. Waits for nothing.</summary>
public interface ICostEstimator
{
    /// <summary>The estimate for a request; zero while no rates are known.</summary>
    CostEstimate Estimate(IReadOnlyList<ParsedEnvelope> envelopes);
}
