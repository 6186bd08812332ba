using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Costs;

/// <summary>Estimates the cost of an envelope on the App Chain. Does not wait.</summary>
internal interface IGasCosts
{
    /// <summary>The expected price of the transaction, at the last known gas price.</summary>
    Wei Estimate(ParsedEnvelope envelope);

    /// <summary>The expected price for a payload of <paramref name="payloadSize"/> bytes.</summary>
    Wei Estimate(int payloadSize);
}
