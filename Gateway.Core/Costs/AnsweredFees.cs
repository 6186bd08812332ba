using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Costs;

/// <summary>The cost of publishing, after the response: the fees that nodes signed, and estimates for the rest.</summary>
/// <remarks>
/// A node's answer contains its fees: the base fee exactly, the congestion fee as of the answer. Estimated are gas,
/// envelopes that a node may have without an answer, and answers without fees, which no node with rates returns.
/// </remarks>
internal static class AnsweredFees
{
    /// <summary>The cost of the envelopes of a request.</summary>
    /// <param name="envelopes">All envelopes of the request.</param>
    /// <param name="outcomes">One outcome each.</param>
    /// <param name="estimate">The estimate for all of them together.</param>
    /// <param name="costs">Prices a part of them; not called when all were published.</param>
    internal static AnsweredCost Read(
        IReadOnlyList<ParsedEnvelope> envelopes, IReadOnlyList<EnvelopeOutcome> outcomes, CostEstimate estimate, ICostEstimator costs)
    {
        List<ParsedEnvelope>? unknown = null, unanswered = null;
        var (published, fees) = (0, Picodollars.Zero);
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (outcomes[i].IsUnsent) continue;
            if (!outcomes[i].IsPublished)
            {
                (unknown ??= []).Add(envelopes[i]);
                continue;
            }

            published++;
            if (FeesOf(envelopes[i], outcomes[i]) is { } signed) fees += signed;
            else (unanswered ??= []).Add(envelopes[i]);
        }

        var paid = unanswered is null ? default : unanswered.Count == envelopes.Count ? estimate
            : published == envelopes.Count && unanswered.TrueForAll(envelope => envelope.Destination == Destination.AppChain)
            ? estimate with { BroadcastNetwork = Picodollars.Zero }
            : costs.Estimate(unanswered);
        return new AnsweredCost(
            published,
            paid with { BroadcastNetwork = paid.BroadcastNetwork + fees },
            unknown is null ? default : unknown.Count == envelopes.Count ? estimate : costs.Estimate(unknown));
    }

    /// <summary>The cost of a request of which every envelope was published.</summary>
    internal static Picodollars Total(
        IReadOnlyList<ParsedEnvelope> envelopes, IReadOnlyList<EnvelopeOutcome> outcomes, CostEstimate estimate)
    {
        var fees = Picodollars.Zero;
        for (var i = 0; i < outcomes.Count; i++)
        {
            if (envelopes[i].Destination == Destination.AppChain) continue;
            if (FeesOf(envelopes[i], outcomes[i]) is not { } signed) return estimate.Total;
            fees += signed;
        }

        return fees + estimate.AppChain;
    }

    private static Picodollars? FeesOf(ParsedEnvelope envelope, EnvelopeOutcome outcome) =>
        envelope.Destination == Destination.BroadcastNetwork
            && OriginatorEnvelopeView.TryRead(outcome.OriginatorEnvelope, out var view)
            && view.Fees > 0
            ? new Picodollars((Int128)view.Fees) : null;
}

/// <summary>The cost of a request.</summary>
/// <param name="Published">The number of published envelopes.</param>
/// <param name="Paid">The cost of these.</param>
/// <param name="Unknown">The estimated cost of the envelopes that may have been sent without an answer.</param>
internal readonly record struct AnsweredCost(int Published, CostEstimate Paid, CostEstimate Unknown)
{
    /// <summary>The sum of both, which stays charged.</summary>
    internal CostEstimate Charged => Paid with
    {
        BroadcastNetwork = Paid.BroadcastNetwork + Unknown.BroadcastNetwork,
        AppChain = Paid.AppChain + Unknown.AppChain,
        AppChainGas = Paid.AppChainGas + Unknown.AppChainGas,
    };
}
