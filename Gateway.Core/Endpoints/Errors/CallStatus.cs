using Grpc.Core;

namespace Xmtp.Gateway.Endpoints.Errors;

/// <summary>An error, independent of the protocol.</summary>
/// <param name="Code">The gRPC status.</param>
/// <param name="Message">The human-readable message.</param>
/// <param name="Reason">The machine-readable reason: the error's own, else the status in capitals.</param>
/// <param name="RetryAfter">
/// The value of the <c>retry-after</c> header, in whole seconds, at least 1; null for no header.
/// </param>
/// <param name="Details">The machine-readable details: ErrorInfo always, BadRequest and RetryInfo where they apply.</param>
internal sealed record CallStatus(
    StatusCode Code, string Message, string Reason, long? RetryAfter, Google.Rpc.Status Details);
