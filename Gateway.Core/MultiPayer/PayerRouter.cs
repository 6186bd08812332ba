using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;

namespace Xmtp.Gateway.MultiPayer;

/// <summary>Selects the payer of each call before its body is read, and publishes with that payer's pipeline.</summary>
/// <remarks>
/// The pipeline gets the caller's identity with the payer's name in it, by which limits, budgets, results and calls to nodes are kept
/// apart. Nothing of a payer is used for a call before it was selected. A call keeps the payer that it was given until it ends, also
/// when that payer is taken out of the payers file meanwhile.
/// </remarks>
internal sealed partial class PayerRouter(
    PayerSet payers,
    PayerStarts starts,
    PayerOrigins origins,
    IPayerSelector selector,
    RulePayerSelector rules,
    ILogger<PayerRouter> logger) : IPublishHandler
{
    /// <inheritdoc/>
    public async ValueTask<PublishError?> AdmitAsync(HttpContext call, ClientIdentity caller, PublishDeadline deadline)
    {
        var selection = await deadline.Bound(
            selector.SelectAsync(caller, call, call.RequestAborted), call.RequestAborted).ConfigureAwait(false);
        if (selection == PayerSelection.ByRules) selection = rules.Select(call);
        if (selection.Payer is not { } name) return Refusal(selection);
        if (payers.Enter(name) is not { } payer)
        {
            if (payers.HasLeft(name)) return Refusal(PayerSelection.None);
            LogUnknown(logger, name);
            return PublishFaults.Internal;
        }

        var identity = caller with { Payer = payer.Name, Wallet = selection.Wallet };
        var admitted = new AdmittedCall(payer, identity);
        call.Response.RegisterForDispose(admitted);
        if (origins.Check(call.Request, payer) is { } foreign) return foreign;
        if (!payer.IsStarted && !await HasStartedAsync(payer, deadline, call.RequestAborted).ConfigureAwait(false))
            return PublishFaults.PayerNotStarted;
        call.Features.Set(admitted);
        call.Features.Set(new SelectedCaller(identity));
        return await payer.Pipeline.AdmitAsync(call, identity, deadline).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<PublishOutcome> PublishAsync(
        ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity caller, PublishDeadline deadline)
    {
        var admitted = call.Features.Get<AdmittedCall>() ?? throw new InvalidOperationException("the call was not admitted");
        return admitted.Payer.Pipeline.PublishAsync(request, call, admitted.Identity, deadline);
    }

    private ValueTask<bool> HasStartedAsync(Payer payer, PublishDeadline deadline, CancellationToken callerLeft) => starts.TryStartAsync(
        payer, deadline.Remaining < PayerStarts.MaxWait ? deadline.Remaining : PayerStarts.MaxWait, callerLeft);

    private static PublishError Refusal(PayerSelection selection) =>
        new(PublishErrorKind.PermissionDenied, selection.Refusal!) { Reason = selection.Reason };

    [LoggerMessage(
        EventIds.PayerRouterUnknown,
        LogLevel.Error,
        "the payer selector named {Payer}, which is not in the payers file; the call is refused")]
    private static partial void LogUnknown(ILogger logger, string payer);
}
