using Xmtp.Gateway.AppChain.Contracts;
using Xmtp.Gateway.AppChain.Senders;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Transactions.Fees;

namespace Xmtp.Gateway.AppChain;

/// <summary>Estimates the cost of an envelope: the gas for its size at the last good price.</summary>
internal sealed class GasCosts(FeeOracle fees, GasLimits gas, SenderSet senders, Broadcasters broadcasters) : IGasCosts
{
    private const int Word = 32;

    public Wei Estimate(ParsedEnvelope envelope) => Estimate(broadcasters.Of(envelope), envelope.Bytes.Length);

    public Wei Estimate(int payloadSize) => Estimate(broadcasters.Groups, payloadSize);

    private Wei Estimate(Broadcaster broadcaster, int payloadSize) =>
        fees.Expected * (OfSenders(broadcaster, CallSize(payloadSize)) ?? gas.Expected(broadcaster.Address, CallSize(payloadSize)));

    // A payer with senders requests no estimates itself.
    private ulong? OfSenders(Broadcaster broadcaster, int size) => senders.All.Count == 0
        ? null
        : senders.All.Select(sender => sender.Gas.Known(broadcaster.Address, size)).FirstOrDefault(known => known is not null);

    // Selector, identifier, offset and length; the payload is padded to whole words.
    private static int CallSize(int payload) => 4 + (3 * Word) + ((payload + Word - 1) / Word * Word);
}
