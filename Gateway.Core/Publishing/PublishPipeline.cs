using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Authorization;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Envelopes;

namespace Xmtp.Gateway.Publishing;

/// <summary>START HERE: identify → parse → check → authorize → publish → answer in request order.</summary>
/// <remarks>Nothing is signed or sent before every envelope of the request was checked and the whole of it authorized.</remarks>
public sealed class PublishPipeline
{
    private static readonly ActivitySource Traces = new("Xmtp.Gateway.Publishing");

    private readonly IIdentityResolver identities;
    private readonly PublishAuthorization authorization;
    private readonly ICostEstimator costs;
    private readonly DestinationSplit destinations;

    /// <summary>Made by the container.</summary>
    public PublishPipeline(IIdentityResolver identities, PublishAuthorization authorization, ICostEstimator costs, IEnumerable<IEnvelopePublisher> publishers)
    {
        (this.identities, this.authorization, this.costs) = (identities, authorization, costs);
        destinations = new DestinationSplit(publishers);
    }

    /// <summary>Publishes one request.</summary>
    /// <param name="request">The serialized PublishClientEnvelopesRequest. It must stay unchanged until the task ends.</param>
    /// <param name="call">The call it came with: identity, headers, and <see cref="HttpContext.RequestAborted"/>.</param>
    /// <param name="deadline">When the caller gives up.</param>
    public async ValueTask<PublishOutcome> PublishAsync(ReadOnlyMemory<byte> request, HttpContext call, PublishDeadline deadline)
    {
        var who = await identities.ResolveAsync(call, call.RequestAborted);
        if (who.Identity is null) return Refused(PublishErrorKind.Unauthenticated, who.Refusal ?? "no identity");

        if (EnvelopeReader.ReadRequest(request, out var envelopes) is { } fault) return Refused(fault);
        if (destinations.Check(envelopes) is { } error) return PublishOutcome.Refused(error);

        var attempt = new PublishAttempt { Identity = who.Identity, Envelopes = envelopes, Cost = costs.Estimate(envelopes), Headers = call.Request.Headers };
        if (await AuthorizeAsync(attempt, call.RequestAborted) is { } refusal) return PublishOutcome.Refused(refusal);

        using var trace = Traces.StartActivity("publish")?.SetTag("xmtp.envelopes", envelopes.Count);
        return PublishOutcome.Completed(await destinations.PublishAsync(envelopes, deadline, call.RequestAborted));
    }

    private async ValueTask<PublishError?> AuthorizeAsync(PublishAttempt attempt, CancellationToken cancellationToken)
    {
        using var trace = Traces.StartActivity("authorize");
        return await authorization.AuthorizeAsync(attempt, cancellationToken);
    }

    private static PublishOutcome Refused(PublishErrorKind kind, string message) => PublishOutcome.Refused(new PublishError(kind, message));

    private static PublishOutcome Refused(EnvelopeFault fault) => PublishOutcome.Refused(new PublishError(PublishErrorKind.InvalidArgument, fault.ToString())
    {
        EnvelopeIndex = fault.Index < 0 ? null : fault.Index,
        Field = fault.Field,
    });
}
