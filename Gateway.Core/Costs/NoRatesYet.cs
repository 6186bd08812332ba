using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Costs;

/// <summary>No rates are read yet: every estimate is zero.</summary>
internal sealed class NoRatesYet : ICostEstimator
{
    public CostEstimate Estimate(IReadOnlyList<ParsedEnvelope> envelopes) => default;
}
