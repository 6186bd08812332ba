using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Costs;

/// <summary>Knows about what an envelope costs on the App Chain. Waits for nothing.</summary>
internal interface IGasCosts
{
    /// <summary>The expected price of the transaction, at the last known price of gas.</summary>
    Wei Estimate(ParsedEnvelope envelope);

    /// <summary>The same for a payload of so many bytes.</summary>
    Wei Estimate(int payloadSize);
}
