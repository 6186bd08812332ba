using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing;

/// <summary>What costs something: charges limits and budgets, publishes, and counts what was spent.</summary>
/// <remarks>Behind what publishes once: what is answered from memory is neither charged nor counted.</remarks>
internal sealed class PaidPublishing(DestinationSplit destinations, ICostEstimator costs, PublishLimits? limits = null, SpendLedger? ledger = null)
{
    private readonly PublishLimits? limits = limits is { IsEmpty: true } ? null : limits;

    /// <summary>Publishes all envelopes of an attempt that was authorized; one outcome each, in order.</summary>
    internal async ValueTask<EnvelopeOutcome[]> PublishAsync(PublishAttempt attempt, PublishDeadline deadline, CancellationToken leaves)
    {
        if (limits is not null && await deadline.Bound(limits.ChargeAsync(attempt, leaves), leaves) is { } refusal) return Refused(attempt, refusal);
        var outcomes = await destinations.PublishAsync(attempt.Envelopes, deadline, leaves);
        ledger?.Record(attempt.Identity, attempt.Envelopes, outcomes, attempt.Cost);
        return outcomes;
    }

    /// <summary>A part of an attempt as an attempt of its own.</summary>
    internal PublishAttempt Part(PublishAttempt whole, IReadOnlyList<ParsedEnvelope> envelopes) =>
        new() { Identity = whole.Identity, Envelopes = envelopes, Cost = costs.Estimate(envelopes), Headers = whole.Headers };

    private static EnvelopeOutcome[] Refused(PublishAttempt attempt, PublishError refusal)
    {
        var outcomes = new EnvelopeOutcome[attempt.Envelopes.Count];
        for (var i = 0; i < outcomes.Length; i++) outcomes[i] = EnvelopeOutcome.Failed(refusal with { EnvelopeIndex = attempt.Envelopes[i].Index });
        return outcomes;
    }
}
