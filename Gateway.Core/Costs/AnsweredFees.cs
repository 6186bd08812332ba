using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Costs;

/// <summary>What publishing cost, once it was answered: the fees that nodes signed, and estimates for the rest.</summary>
/// <remarks>
/// A node's answer says what it charges: the base fee exactly, the congestion fee as of the answer. Gas is by estimate, and
/// so are envelopes that a node may have without an answer, and answers without fees, which no node with rates gives.
/// </remarks>
internal static class AnsweredFees
{
    /// <summary>What the envelopes of a request cost.</summary>
    /// <param name="envelopes">All of it.</param>
    /// <param name="outcomes">One each.</param>
    /// <param name="estimate">The estimate for all of them together.</param>
    /// <param name="costs">Prices parts of it; not asked when all were published.</param>
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

    /// <summary>What a request that was published whole cost.</summary>
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

/// <summary>What a request cost.</summary>
/// <param name="Published">How many envelopes were published.</param>
/// <param name="Paid">What these cost.</param>
/// <param name="Unknown">What those cost by estimate that may have been sent without an answer.</param>
internal readonly record struct AnsweredCost(int Published, CostEstimate Paid, CostEstimate Unknown)
{
    /// <summary>Both, which is what stays charged.</summary>
    internal CostEstimate Charged => Paid with
    {
        BroadcastNetwork = Paid.BroadcastNetwork + Unknown.BroadcastNetwork,
        AppChain = Paid.AppChain + Unknown.AppChain,
        AppChainGas = Paid.AppChainGas + Unknown.AppChainGas,
    };
}
