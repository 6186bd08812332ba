using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Costs.Spending;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing.Pipeline;

/// <summary>START HERE: identify → admit → parse → check → authorize → publish once → answer in request order.</summary>
/// <remarks>
/// The caller is identified first: a caller without a valid credential gets that error, and none about its envelopes.
/// Then authorizers that need no envelopes decide. The endpoints do both by the headers before they read a body, and pass the
/// identity on. Checks run before the other authorizers: these get sizes, kinds and cost, and a request that can never
/// succeed is not charged to a limit.
/// Nothing is signed or sent before every envelope of the request was checked and the whole request authorized.
/// </remarks>
public sealed partial class PublishPipeline : IPublishHandler
{
    private readonly IIdentityResolver _identities;
    private readonly PublishAuthorization _authorization;
    private readonly ICostEstimator _costs;
    private readonly SpendingGuard _guard;
    private readonly EnvelopeRouter _destinations;
    private readonly IdempotentPublisher _once;
    private readonly ILogger<PublishPipeline> _logger;
    private readonly RepetitionLimit? _repetitions;

    internal PublishPipeline(
        IIdentityResolver identities, PublishAuthorization authorization, ICostEstimator costs, SpendingGuard guard,
        EnvelopeRouter destinations, IdempotentPublisher once, ILogger<PublishPipeline> logger, RepetitionLimit? repetitions = null)
    {
        _identities = identities;
        _authorization = authorization;
        _costs = costs;
        _logger = logger;
        _destinations = destinations;
        _once = once;
        _guard = guard;
        _repetitions = repetitions;
    }

    /// <summary>Publishes one request.</summary>
    /// <param name="request">The serialized PublishClientEnvelopesRequest. It must stay unchanged until the task ends.</param>
    /// <param name="call">The call that delivered it: identity, headers, and <see cref="HttpContext.RequestAborted"/>.</param>
    /// <param name="deadline">When the caller gives up.</param>
    /// <returns>The outcome. An exception from a hook is logged, and the caller gets INTERNAL without details.</returns>
    public ValueTask<PublishOutcome> PublishAsync(ReadOnlyMemory<byte> request, HttpContext call, PublishDeadline deadline) =>
        GuardAsync(request, call, null, deadline);

    ValueTask<PublishError?> IPublishHandler.AdmitAsync(HttpContext call, ClientIdentity caller, PublishDeadline deadline) =>
        AdmitAsync(call, caller, deadline);

    ValueTask<PublishOutcome> IPublishHandler.PublishAsync(
        ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity caller, PublishDeadline deadline) =>
        PublishAsync(request, call, caller, deadline);

    /// <summary>Decides on an identified caller before the body of its request is read.</summary>
    /// <returns>Null when it is admitted.</returns>
    /// <exception cref="DeadlinePassedException">The deadline passed first.</exception>
    /// <exception cref="OperationCanceledException">The caller left first.</exception>
    internal ValueTask<PublishError?> AdmitAsync(HttpContext call, ClientIdentity caller, PublishDeadline deadline) =>
        _repetitions?.Check(caller) is { } tooOften
            ? new(tooOften)
            : deadline.Bound(
                _authorization.AuthorizeCallerAsync(caller, call.Request.Headers, call.RequestAborted), call.RequestAborted);

    /// <summary>Publishes a request of a caller that was admitted.</summary>
    internal ValueTask<PublishOutcome> PublishAsync(
        ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity caller, PublishDeadline deadline) =>
        GuardAsync(request, call, caller, deadline);

    private async ValueTask<PublishOutcome> GuardAsync(
        ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity? caller, PublishDeadline deadline)
    {
        try
        {
            return await RunAsync(request, call, caller, deadline).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // hooks are user code, and their exceptions are not for the caller
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var error = PublishFaults.Of(exception, call.RequestAborted);
            if (error == PublishFaults.Internal) LogFailed(_logger, exception);
            return PublishOutcome.Refused(error);
        }
    }

    private async ValueTask<PublishOutcome> RunAsync(
        ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity? identity, PublishDeadline deadline)
    {
        var cancellationToken = call.RequestAborted;
        if (identity is null)
        {
            var who = await deadline.Bound(_identities.ResolveAsync(call, cancellationToken), cancellationToken).ConfigureAwait(false);
            if ((identity = who.Identity) is null) return PublishOutcome.Refused(PublishFaults.Unidentified(who));
            if (await AdmitAsync(call, identity, deadline).ConfigureAwait(false) is { } notAdmitted)
                return PublishOutcome.Refused(notAdmitted);
        }
        else if (_repetitions?.Check(identity) is { } tooOften)
        {
            // Its other calls may have reached the bound while the body arrived.
            return PublishOutcome.Refused(tooOften);
        }

        if (EnvelopeReader.ReadRequest(request, out var envelopes) is { } fault)
            return PublishOutcome.Refused(PublishFaults.Envelope(fault));
        if (_destinations.Check(envelopes) is { } impossible) return PublishOutcome.Refused(impossible);

        var cost = _costs.Estimate(envelopes);
        if (_guard.Check(envelopes, cost) is { } tooExpensive) return PublishOutcome.Refused(tooExpensive);

        var context = new PublishContext { Identity = identity, Envelopes = envelopes, Cost = cost, Headers = call.Request.Headers };
        if (await AuthorizeAsync(context, deadline, cancellationToken).ConfigureAwait(false) is { } refusal)
            return PublishOutcome.Refused(refusal);

        using var span = PublishTracing.Publish(envelopes.Count);
        if (span is not null) PublishSpan.Describe(span, context);
        var outcomes = await _once.PublishAsync(context, deadline, cancellationToken).ConfigureAwait(false);
        var total = AnsweredFees.Total(envelopes, outcomes, cost);
        if (span is not null) PublishSpan.Complete(span, outcomes, total);
        return PublishOutcome.Completed(outcomes, total);
    }

    private async ValueTask<PublishError?> AuthorizeAsync(
        PublishContext context, PublishDeadline deadline, CancellationToken cancellationToken)
    {
        using var span = PublishTracing.Authorize();
        return await deadline.Bound(
            _authorization.AuthorizeEnvelopesAsync(context, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(EventId = EventIds.PublishPipelineBroke, Level = LogLevel.Error, Message = "a publish threw an exception")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
