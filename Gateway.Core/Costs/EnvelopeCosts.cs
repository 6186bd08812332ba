using Microsoft.Extensions.Options;
using Xmtp.Gateway.BroadcastNetwork;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Topics;

namespace Xmtp.Gateway.Costs;

/// <summary>Prices single envelopes: base and congestion fee by the rates in force now, or gas at its last known price.</summary>
/// <remarks>Thread-safe, waits for nothing. Integer arithmetic. Without rates the fees are zero, without an App Chain the gas is.</remarks>
internal sealed class EnvelopeCosts(
    RateBook rates, OriginatorRates traffic, IOptions<CostsOptions> options, TimeProvider time, NodeChoice? choice = null, IGasCosts? gas = null)
{
    /// <summary>How long the gateway asks nodes to keep envelopes; storage is paid for that long.</summary>
    internal const int RetentionDays = 60;

    // The node is not chosen yet; ids of all sizes that there are take two bytes more or less than this.
    private const uint AnOriginator = 200;

    private const ulong WeiInACoinOfPicodollars = 1_000_000_000_000;

    /// <summary>The estimate.</summary>
    internal EnvelopeCost Of(ParsedEnvelope envelope)
    {
        if (envelope.Destination == Destination.AppChain)
        {
            var wei = gas?.Estimate(envelope) ?? Wei.Zero;
            return new EnvelopeCost(Picodollars.Zero, wei, PriceOf(wei));
        }

        return rates.InForce(time.GetUtcNow()) is { } now
            ? new EnvelopeCost(new(BaseFee(now, PayerEnvelopeWriter.PayerEnvelopeSize(AnOriginator, envelope.Bytes.Length)) + CongestionFee(now, envelope.Topic)), Wei.Zero, Picodollars.Zero)
            : default;
    }

    /// <summary>Whether rates are in force now.</summary>
    internal bool KnowsRates => rates.InForce(time.GetUtcNow()) is not null;

    /// <summary>A message without congestion: the fee, and its bytes for <see cref="RetentionDays"/> days. Picodollars.</summary>
    internal static Int128 BaseFee(Rates rates, int bytes) => rates.MessageFee + ((Int128)rates.StorageFee * bytes * RetentionDays);

    /// <summary>A message on the App Chain of so many bytes.</summary>
    internal Wei GasOf(int payloadSize) => gas?.Estimate(payloadSize) ?? Wei.Zero;

    /// <summary>Coins at the configured price.</summary>
    internal Picodollars PriceOf(Wei amount) => new((Int128)(amount.Amount * options.Value.GasCoinPrice / WeiInACoinOfPicodollars));

    private Int128 CongestionFee(Rates now, Topic topic)
    {
        if (now.CongestionFee == 0 || traffic.IsCalm(now.TargetRatePerMinute) || choice?.First(topic) is not { } node) return 0;
        return (Int128)now.CongestionFee * traffic.Units(node.Id, now.TargetRatePerMinute);
    }
}
