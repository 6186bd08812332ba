using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Authorization;

/// <summary>Runs every authorizer at once; the first refusal in the order they were added wins, and the others are cancelled.</summary>
public sealed partial class PublishAuthorization(IEnumerable<IPublishAuthorizer> authorizers, ILogger<PublishAuthorization> logger)
{
    private static readonly PublishError Broken = new(PublishErrorKind.Internal, "the publish could not be authorized");

    private readonly IPublishAuthorizer[] authorizers = [.. authorizers];

    /// <summary>Whether anyone but the network decides who may publish.</summary>
    public bool HasAuthorizers => authorizers.Length > 0;

    /// <summary>Decides on a request.</summary>
    /// <returns>Null when every authorizer allows it.</returns>
    public async ValueTask<PublishError?> AuthorizeAsync(PublishAttempt attempt, CancellationToken cancellationToken)
    {
        if (authorizers.Length == 0) return null;
        if (authorizers.Length == 1) return await AskAsync(authorizers[0], attempt, cancellationToken);

        using var others = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var answers = Array.ConvertAll(authorizers, authorizer => AskAsync(authorizer, attempt, others.Token).AsTask());
        foreach (var answer in answers)
        {
            if (await answer is not { } refusal) continue;
            await others.CancelAsync();
            return refusal;
        }

        return null;
    }

    private async ValueTask<PublishError?> AskAsync(IPublishAuthorizer authorizer, PublishAttempt attempt, CancellationToken cancellationToken)
    {
        try
        {
            return (await authorizer.AuthorizeAsync(attempt, cancellationToken)).Refusal;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new PublishError(PublishErrorKind.Cancelled, "the caller left");
        }
#pragma warning disable CA1031 // a user's code: whatever it throws is not an answer for the caller
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogBroken(logger, fault, authorizer.GetType().Name);
            return Broken;
        }
    }

    [LoggerMessage(EventId = 3001, Level = LogLevel.Error, Message = "authorizer {Authorizer} threw; the publish is refused")]
    private static partial void LogBroken(ILogger logger, Exception fault, string authorizer);
}
