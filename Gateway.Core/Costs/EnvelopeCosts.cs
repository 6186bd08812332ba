using Microsoft.Extensions.Options;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Costs.Rating;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Costs;

/// <summary>
/// Prices single envelopes: base and congestion fee by the current rates, or gas at its last known price.
/// </summary>
/// <remarks>
/// Thread-safe, does not wait. Integer arithmetic. Without rates the fees are zero; without an App Chain the gas is zero.
/// </remarks>
internal sealed class EnvelopeCosts(
    RateCache rates,
    OriginatorRates traffic,
    IOptions<CostsOptions> options,
    TimeProvider time,
    ILikelyNode? nodes = null,
    IGasCosts? gas = null)
{
    /// <summary>For how many days the gateway requests nodes to keep envelopes; storage is paid for that long.</summary>
    internal const int RetentionDays = 60;

    // Used when no node may be used now. Its id takes as many bytes as the ids of most nodes.
    private const uint AnOriginator = 200;

    private const ulong WeiInACoinOfPicodollars = 1_000_000_000_000;

    /// <summary>The estimated cost of an envelope.</summary>
    /// <param name="envelope">What to price.</param>
    /// <param name="before">
    /// The number of earlier envelopes of the same request per node, which this one is added to; null for a request
    /// with one envelope.
    /// </param>
    internal EnvelopeCost Of(ParsedEnvelope envelope, Dictionary<uint, int>? before = null)
    {
        if (envelope.Destination == Destination.AppChain)
        {
            var wei = gas?.Estimate(envelope) ?? Wei.Zero;
            return new EnvelopeCost(Picodollars.Zero, wei, PriceOf(wei));
        }

        if (rates.InForce(time.GetUtcNow()) is not { } now) return default;
        var node = nodes?.IdFor(envelope.Topic) ?? AnOriginator;
        var size = PayerEnvelopeWriter.PayerEnvelopeSize(node, envelope.Bytes.Length);
        return new EnvelopeCost(new(BaseFee(now, size) + CongestionFee(now, node, Count(before, node))), Wei.Zero, Picodollars.Zero);
    }

    /// <summary>Whether there are rates for the current time.</summary>
    internal bool KnowsRates => rates.InForce(time.GetUtcNow()) is not null;

    /// <summary>
    /// The fee of a message without congestion: the message fee, and its bytes for <see cref="RetentionDays"/> days. Picodollars.
    /// </summary>
    internal static Int128 BaseFee(Rates rates, int bytes) => rates.MessageFee + ((Int128)rates.StorageFee * bytes * RetentionDays);

    /// <summary>The gas of a message of <paramref name="payloadSize"/> bytes on the App Chain.</summary>
    internal Wei GasOf(int payloadSize) => gas?.Estimate(payloadSize) ?? Wei.Zero;

    /// <summary>The value of an amount of coins at the configured price.</summary>
    internal Picodollars PriceOf(Wei amount) => new((Int128)(amount.Amount * options.Value.GasCoinPrice / WeiInACoinOfPicodollars));

    private Int128 CongestionFee(Rates now, uint node, int before) =>
        now.CongestionFee == 0 || (before == 0 && traffic.IsCalm(now.TargetRatePerMinute))
            ? 0
            : (Int128)now.CongestionFee * traffic.Units(node, now.TargetRatePerMinute, before);

    private static int Count(Dictionary<uint, int>? before, uint node)
    {
        if (before is null) return 0;
        var count = before.GetValueOrDefault(node);
        before[node] = count + 1;
        return count;
    }
}
