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
/// Publishes what costs money: charges limits and budgets by estimate, publishes, settles the charges by the fees in
/// the answers, and records the spend.
/// </summary>
/// <remarks>
/// Runs behind the idempotent publisher: an envelope answered with an earlier result is neither charged nor counted.
/// Charges for envelopes that certainly were not sent are refunded.
/// </remarks>
internal sealed partial class MeteredPublisher(
    EnvelopeRouter destinations,
    ICostEstimator costs,
    PublishLimits? limits = null,
    SpendLedger? ledger = null,
    ILogger<MeteredPublisher>? logger = null,
    IHeldBytes? bytes = null)
{
    private readonly ILogger _logger = logger ?? NullLogger<MeteredPublisher>.Instance;

    // Those of a payer may change while it serves.
    private PublishLimits? Limits => limits is { IsEmpty: true } ? null : limits;

    /// <summary>
    /// Requests the charge of an authorized request without waiting for the response. The caller must publish with
    /// it or refund it.
    /// </summary>
    /// <returns>Null when there are no limits.</returns>
    internal PendingCharge? Charge(PublishContext context, CancellationToken cancellationToken) =>
        Limits is not { } charges ? null : new PendingCharge(charges.ChargeAsync(context, cancellationToken));

    /// <summary>Publishes all envelopes of an authorized request; one outcome each, in order.</summary>
    /// <param name="context">What to publish.</param>
    /// <param name="deadline">When the caller gives up.</param>
    /// <param name="cancellationToken">Cancelled when the caller leaves.</param>
    /// <param name="asked">The charge of this request, if it was requested already.</param>
    internal async ValueTask<EnvelopeOutcome[]> PublishAsync(
        PublishContext context, PublishDeadline deadline, CancellationToken cancellationToken, PendingCharge? asked = null)
    {
        var charge = await ChargeAsync(context, asked, deadline, cancellationToken).ConfigureAwait(false);
        if (charge.Refusal is { } refusal)
        {
            limits?.CountRefusal(charge);
            return Refused(context, refusal);
        }

        var outcomes = await destinations.PublishAsync(
            context.Envelopes, context.Identity, deadline, cancellationToken).ConfigureAwait(false);
        if (Array.Exists(outcomes, outcome => outcome.Settles is not null)) _ = SettleLaterAsync(Copy(context), [.. outcomes], charge);
        else Settle(context, outcomes, charge);
        return outcomes;
    }

    // Calls to nodes that the caller abandoned end within an attempt's timeout, transactions when the chain has used their nonces, or
    // when they are withdrawn. The whole request is settled then, since its charges are for all of it; the copy counts for its caller
    // until then.
    private async Task SettleLaterAsync(PublishContext context, EnvelopeOutcome[] outcomes, PublishCharge charge)
    {
        using var held = bytes?.Hold(context.Identity, SizeOf(context, outcomes));
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (outcomes[i].Settles is { } settles) outcomes[i] = await settles.ConfigureAwait(false);
        }

        Settle(context, outcomes, charge);
    }

    // The request's buffer and headers are reused for another request once its caller has its response.
    private static PublishContext Copy(PublishContext context) => new()
    {
        Identity = context.Identity,
        Envelopes = [.. context.Envelopes.Select(envelope => envelope.Copy())],
        Cost = context.Cost,
        Headers = new HeaderDictionary(context.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase)),
    };

    private static long SizeOf(PublishContext context, EnvelopeOutcome[] outcomes) =>
        context.Envelopes.Sum(envelope => (long)envelope.Bytes.Length)
        + outcomes.Sum(outcome => (long)outcome.OriginatorEnvelope.Length)
        + context.Headers.Sum(header => (long)sizeof(char) * (header.Key.Length + header.Value.Sum(value => value?.Length ?? 0)));

    /// <summary>A part of a request as a request of its own.</summary>
    internal PublishContext Part(PublishContext whole, IReadOnlyList<ParsedEnvelope> envelopes) =>
        new() { Identity = whole.Identity, Envelopes = envelopes, Cost = costs.Estimate(envelopes), Headers = whole.Headers };

    // The memory store responds synchronously; then nothing is allocated for the wait.
    private ValueTask<PublishCharge> ChargeAsync(
        PublishContext context, PendingCharge? asked, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        if (asked is not null) return asked.AnswerAsync(deadline, cancellationToken);
        if (Limits is not { } charges) return default;
        var charging = charges.ChargeAsync(context, cancellationToken);
        return charging.IsCompletedSuccessfully ? charging : new PendingCharge(charging).AnswerAsync(deadline, cancellationToken);
    }

    // What was sent is weighed again, and priced by estimate when the answer has no price. The estimator may be user
    // code: its exception must not discard the outcomes.
    private void Settle(PublishContext context, EnvelopeOutcome[] outcomes, PublishCharge charge)
    {
        try
        {
            var cost = AnsweredFees.Read(context.Envelopes, outcomes, context.Cost, costs);
            var (paid, charged) = (cost.Paid.ForPayerOf(context.Identity), cost.Charged.ForPayerOf(context.Identity));
            if (cost.Published > 0)
            {
                ledger?.Record(
                    context.Identity, new SpendFigures(cost.Published, paid.BroadcastNetwork, paid.AppChain, paid.AppChainGas));
            }

            if (charge.By is null) return;
            if (Array.Exists(outcomes, outcome => outcome.IsUnsent)) PublishLimits.Settle(charge, Sent(context, outcomes, cost.Charged));
            else if (charged.Total != context.Cost.ForPayerOf(context.Identity).Total)
                PublishLimits.SettleBudgets(charge, charged.Total);
        }
#pragma warning disable CA1031
        catch (Exception exception)
#pragma warning restore CA1031
        {
            LogNotSettled(_logger, exception);
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
        EventId = EventIds.MeteredPublisherNotSettled,
        Level = LogLevel.Error,
        Message = "a publish could not be settled: its charges to limits and budgets are not refunded, and it is not counted as spent")]
    private static partial void LogNotSettled(ILogger logger, Exception exception);
}
