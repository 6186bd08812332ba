using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Errors;

/// <summary>The single mapping of errors to statuses.</summary>
/// <remarks>
/// Details: ErrorInfo with domain <c>xmtp-gateway</c> and a reason (the error's own, else the status in capitals). When
/// some envelopes of a batch were published and others not, its metadata has <c>published_count</c> and
/// <c>published_indexes</c>, as in <c>0-1,4</c>: the caller should resend the others. BadRequest names the field, as in
/// <c>envelopes[2].aad.target_topic</c>. RetryInfo has the same delay as <c>retry-after</c>.
/// </remarks>
internal static class StatusMapper
{
    internal const string Domain = "xmtp-gateway";
    private const int MaxMessageLength = 1024;

    /// <summary>Maps the error of a reply.</summary>
    internal static CallStatus Map(in Reply reply)
    {
        var error = reply.Error ?? throw new ArgumentException("The call succeeded.", nameof(reply));
        var (code, name) = Code(error.Kind);
        var message = error.Message.Length <= MaxMessageLength ? error.Message : error.Message[..MaxMessageLength];
        var retryAfter = error.RetryAfter is { } wait ? Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)) : (long?)null;
        var details = new Google.Rpc.Status { Code = (int)code, Message = message };
        details.Details.Add(Any.Pack(Info(error, name, reply.Envelopes)));
        if (Violation(error, message) is { } violation) details.Details.Add(Any.Pack(new BadRequest { FieldViolations = { violation } }));
        if (retryAfter is { } seconds) details.Details.Add(Any.Pack(new RetryInfo { RetryDelay = new Duration { Seconds = seconds } }));
        return new CallStatus(code, message, error.Reason ?? name, retryAfter, details);
    }

    private static (StatusCode Code, string Name) Code(PublishErrorKind kind) => kind switch
    {
        PublishErrorKind.InvalidArgument => (StatusCode.InvalidArgument, "INVALID_ARGUMENT"),
        PublishErrorKind.Unauthenticated => (StatusCode.Unauthenticated, "UNAUTHENTICATED"),
        PublishErrorKind.PermissionDenied => (StatusCode.PermissionDenied, "PERMISSION_DENIED"),
        PublishErrorKind.ResourceExhausted => (StatusCode.ResourceExhausted, "RESOURCE_EXHAUSTED"),
        PublishErrorKind.FailedPrecondition => (StatusCode.FailedPrecondition, "FAILED_PRECONDITION"),
        PublishErrorKind.Unavailable => (StatusCode.Unavailable, "UNAVAILABLE"),
        PublishErrorKind.DeadlineExceeded => (StatusCode.DeadlineExceeded, "DEADLINE_EXCEEDED"),
        PublishErrorKind.Cancelled => (StatusCode.Cancelled, "CANCELLED"),
        PublishErrorKind.Unimplemented => (StatusCode.Unimplemented, "UNIMPLEMENTED"),
        PublishErrorKind.NotFound => (StatusCode.NotFound, "NOT_FOUND"),
        _ => (StatusCode.Internal, "INTERNAL"),
    };

    private static ErrorInfo Info(PublishError error, string code, IReadOnlyList<EnvelopeOutcome> envelopes)
    {
        var info = new ErrorInfo { Domain = Domain, Reason = error.Reason ?? code };
        var published = PublishedIndexes.Of(envelopes);
        if (published.Count == 0) return info;
        info.Metadata.Add("published_count", published.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        info.Metadata.Add("published_indexes", published.Text);
        return info;
    }

    private static BadRequest.Types.FieldViolation? Violation(PublishError error, string message)
    {
        if (error.Kind != PublishErrorKind.InvalidArgument || (error.Field ?? (object?)error.EnvelopeIndex) is null) return null;
        var field = error.EnvelopeIndex is not { } index
            ? error.Field
            : error.Field is null ? $"envelopes[{index}]" : $"envelopes[{index}].{error.Field}";
        return new BadRequest.Types.FieldViolation { Field = field, Description = message };
    }
}
