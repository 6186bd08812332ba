using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing.Pipeline;

/// <summary>
/// What costs something: charges limits and budgets by estimate, publishes, settles the charges by the fees of the
/// answers, and counts what was spent.
/// </summary>
/// <remarks>
/// Behind what publishes once: what is answered from memory is neither charged nor counted. What surely was not sent is
/// given back.
/// </remarks>
internal sealed partial class MeteredPublisher(
    EnvelopeRouter destinations,
    ICostEstimator costs,
    PublishLimits? limits = null,
    SpendLedger? ledger = null,
    ILogger<MeteredPublisher>? logger = null)
{
    private readonly PublishLimits? _limits = limits is { IsEmpty: true } ? null : limits;
    private readonly ILogger _log = logger ?? NullLogger<MeteredPublisher>.Instance;

    /// <summary>
    /// Asks for the charge of an attempt that was authorized, and does not wait for the answer. Whoever has it
    /// publishes with it, or gives it back.
    /// </summary>
    /// <returns>Null where nothing is limited.</returns>
    internal PendingCharge? Charge(PublishContext context, CancellationToken cancellationToken) =>
        _limits is null ? null : new PendingCharge(_limits.ChargeAsync(context, cancellationToken));

    /// <summary>Publishes all envelopes of an attempt that was authorized; one outcome each, in order.</summary>
    /// <param name="context">What to publish.</param>
    /// <param name="deadline">When the caller gives up.</param>
    /// <param name="cancellationToken">Ends when the caller leaves.</param>
    /// <param name="asked">The charge of this very attempt, where it was asked for already.</param>
    internal async ValueTask<EnvelopeOutcome[]> PublishAsync(
        PublishContext context, PublishDeadline deadline, CancellationToken cancellationToken, PendingCharge? asked = null)
    {
        var charge = await ChargeAsync(context, asked, deadline, cancellationToken).ConfigureAwait(false);
        if (charge.Refusal is { } refusal)
        {
            _limits?.CountRefusal(charge);
            return Refused(context, refusal);
        }

        var outcomes = await destinations.PublishAsync(
            context.Envelopes, context.Identity, deadline, cancellationToken).ConfigureAwait(false);
        if (LeftBehind(context, outcomes)) _ = SettleLaterAsync(Copy(context), [.. outcomes], charge);
        else Settle(context, outcomes, charge);
        return outcomes;
    }

    private static bool LeftBehind(PublishContext context, EnvelopeOutcome[] outcomes)
    {
        for (var i = 0; i < outcomes.Length; i++)
            if (outcomes[i].Settles is not null && context.Envelopes[i].Destination == Destination.BroadcastNetwork)
                return true;
        return false;
    }

    // What callers left behind at nodes ends within a try's time, and the whole attempt is accounted for then.
    private async Task SettleLaterAsync(PublishContext context, EnvelopeOutcome[] outcomes, PublishCharge charge)
    {
        for (var i = 0; i < outcomes.Length; i++)
            if (outcomes[i].Settles is { } settles && context.Envelopes[i].Destination == Destination.BroadcastNetwork)
                outcomes[i] = await settles.ConfigureAwait(false);
        Settle(context, outcomes, charge);
    }

    // The request's bytes and headers serve another one once its caller is answered.
    private static PublishContext Copy(PublishContext context) => new()
    {
        Identity = context.Identity,
        Envelopes = [.. context.Envelopes.Select(envelope => envelope.Copy())],
        Cost = context.Cost,
        Headers = new HeaderDictionary(context.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase)),
    };

    /// <summary>A part of an attempt as an attempt of its own.</summary>
    internal PublishContext Part(PublishContext whole, IReadOnlyList<ParsedEnvelope> envelopes) =>
        new() { Identity = whole.Identity, Envelopes = envelopes, Cost = costs.Estimate(envelopes), Headers = whole.Headers };

    // Memory answers at once, and then nothing is made for the wait.
    private ValueTask<PublishCharge> ChargeAsync(
        PublishContext context, PendingCharge? asked, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        if (_limits is null) return default;
        if (asked is not null) return asked.AnswerAsync(deadline, cancellationToken);
        var charging = _limits.ChargeAsync(context, cancellationToken);
        return charging.IsCompletedSuccessfully ? charging : new PendingCharge(charging).AnswerAsync(deadline, cancellationToken);
    }

    // What was sent is weighed again, and priced where no answer says its price, which may be a user's code: what it throws
    // must not take the outcomes along.
    private void Settle(PublishContext context, EnvelopeOutcome[] outcomes, PublishCharge charge)
    {
        try
        {
            var cost = AnsweredFees.Read(context.Envelopes, outcomes, context.Cost, costs);
            if (cost.Published > 0)
            {
                ledger?.Record(
                    context.Identity,
                    new SpendFigures(cost.Published, cost.Paid.BroadcastNetwork, cost.Paid.AppChain, cost.Paid.AppChainGas));
            }
            if (charge.By is null) return;
            if (Array.Exists(outcomes, outcome => outcome.IsUnsent)) PublishLimits.Settle(charge, Sent(context, outcomes, cost.Charged));
            else if (cost.Charged.Total != context.Cost.Total) PublishLimits.SettleBudgets(charge, cost.Charged.Total);
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotSettled(_log, exception);
        }
    }

    private static PublishContext? Sent(PublishContext context, EnvelopeOutcome[] outcomes, CostEstimate cost)
    {
        var sent = context.Envelopes.Where((_, i) => !outcomes[i].IsUnsent).ToList();
        return sent.Count == 0
            ? null
            : new PublishContext { Identity = context.Identity, Envelopes = sent, Cost = cost, Headers = context.Headers };
    }

    private static EnvelopeOutcome[] Refused(PublishContext context, PublishError refusal)
    {
        var outcomes = new EnvelopeOutcome[context.Envelopes.Count];
        for (var i = 0; i < outcomes.Length; i++)
            outcomes[i] = EnvelopeOutcome.Failed(refusal with { EnvelopeIndex = context.Envelopes[i].Index });
        return outcomes;
    }

    [LoggerMessage(
        EventId = EventIds.PaidPublishingNotSettled,
        Level = LogLevel.Error,
        Message = "a publish could not be settled: limits and budgets keep what they took, and it is not counted as spent")]
    private static partial void LogNotSettled(ILogger log, Exception fault);
}
