using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Authorization.Limits;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization;

/// <summary>
/// Runs all authorizers concurrently; the first refusal in the order of registration is returned, and those after it
/// are cancelled. Also refuses a request that could never fit a limit.
/// </summary>
/// <remarks>
/// Returns when all have ended, since they read the request's buffer, which is reused afterwards. Those that need no envelopes
/// are asked before the body is read (<see cref="AuthorizeCallerAsync"/>), the others when it was parsed. Limits and budgets
/// are charged later, for the envelopes that are really published.
/// </remarks>
internal sealed partial class PublishAuthorization
{
    private readonly IPublishAuthorizer[] _ofCallers;
    private readonly IPublishAuthorizer[] _ofEnvelopes;
    private readonly PublishLimits? _limits;
    private readonly AuthorizationMetrics? _metrics;
    private readonly ILogger<PublishAuthorization> _logger;

    internal PublishAuthorization(
        IEnumerable<IPublishAuthorizer> authorizers,
        PublishLimits? limits,
        AuthorizationMetrics? metrics,
        ILogger<PublishAuthorization> logger)
    {
        _metrics = metrics;
        IPublishAuthorizer[] all = [.. authorizers];
        _ofCallers = Array.FindAll(all, authorizer => authorizer is ICallerAuthorizer);
        _ofEnvelopes = Array.FindAll(all, authorizer => authorizer is not ICallerAuthorizer);
        _limits = limits;
        _logger = logger;
    }

    /// <summary>Decides on a caller by the authorizers that need no envelopes, before the body is read.</summary>
    /// <returns>Null when every one of them allows it.</returns>
    internal ValueTask<PublishError?> AuthorizeCallerAsync(
        ClientIdentity caller, IHeaderDictionary headers, CancellationToken cancellationToken) =>
        AskAsync(_ofCallers, new Question(caller, headers), cancellationToken);

    /// <summary>Decides on a request whose caller was allowed, by the other authorizers.</summary>
    /// <returns>Null when every one of them allows it.</returns>
    internal ValueTask<PublishError?> AuthorizeEnvelopesAsync(PublishContext context, CancellationToken cancellationToken)
    {
        var question = new Question(context.Identity, context.Headers, context);
        return _limits is { IsEmpty: false } limits
            ? AskAndCheckAsync(limits, question, context, cancellationToken)
            : AskAsync(_ofEnvelopes, question, cancellationToken);
    }

    private async ValueTask<PublishError?> AskAndCheckAsync(
        PublishLimits bounds, Question question, PublishContext context, CancellationToken cancellationToken) =>
        await AskAsync(_ofEnvelopes, question, cancellationToken).ConfigureAwait(false) ?? bounds.Check(context);

    private ValueTask<PublishError?> AskAsync(
        IPublishAuthorizer[] authorizers, Question question, CancellationToken cancellationToken) => authorizers.Length switch
        {
            0 => default,
            1 => AskAsync(authorizers[0], question, cancellationToken),
            _ => AskAllAsync(authorizers, question, cancellationToken),
        };

    private async ValueTask<PublishError?> AskAllAsync(
        IPublishAuthorizer[] authorizers, Question question, CancellationToken cancellationToken)
    {
        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answers = Array.ConvertAll(authorizers, authorizer => AskAsync(authorizer, question, others.Token).AsTask());
        PublishError? first = null;
        foreach (var answer in answers)
        {
            if (await answer.ConfigureAwait(false) is not { } refusal || first is not null) continue;
            first = refusal;
            await others.CancelAsync().ConfigureAwait(false);
        }

        return first;
    }

    private async ValueTask<PublishError?> AskAsync(
        IPublishAuthorizer authorizer, Question question, CancellationToken cancellationToken)
    {
        try
        {
            var refusal = (await question.AskAsync(authorizer, cancellationToken).ConfigureAwait(false)).Refusal;
            if (refusal is not null) _metrics?.RefusedBy(NameOf(authorizer), refusal.Kind);
            return refusal;
        }
#pragma warning disable CA1031 // user code: whatever it throws is not an answer for the caller
        catch (Exception exception)
#pragma warning restore CA1031
        {
            var error = PublishFaults.Of(exception, cancellationToken);
            if (error == PublishFaults.Internal) LogBroken(_logger, exception, NameOf(authorizer));
            return error;
        }
    }

    private static string NameOf(IPublishAuthorizer authorizer) =>
        authorizer is ICreatedPerCall created ? created.TypeName : authorizer.GetType().Name;

    [LoggerMessage(
        EventId = EventIds.PublishAuthorizationBroken,
        Level = LogLevel.Error,
        Message = "authorizer {Authorizer} threw; the publish is refused")]
    private static partial void LogBroken(ILogger logger, Exception exception, string authorizer);

    /// <summary>What authorizers decide on: a caller, or a whole request.</summary>
    private readonly record struct Question(ClientIdentity Caller, IHeaderDictionary Headers, PublishContext? Publish = null)
    {
        internal ValueTask<AuthorizationDecision> AskAsync(IPublishAuthorizer authorizer, CancellationToken cancellationToken) =>
            Publish is not null
                ? authorizer.AuthorizeAsync(Publish, cancellationToken)
                : ((ICallerAuthorizer)authorizer).AuthorizeAsync(Caller, Headers, cancellationToken);
    }
}
