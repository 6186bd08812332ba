using Grpc.Core;

namespace Xmtp.Gateway.Endpoints.Errors;

/// <summary>An error as every protocol tells it.</summary>
/// <param name="Code">The gRPC status.</param>
/// <param name="Message">The text for people.</param>
/// <param name="RetryAfter">What the <c>retry-after</c> header says, in whole seconds, at least 1; null for no header.</param>
/// <param name="Details">The same for programs: ErrorInfo always, BadRequest and RetryInfo where they apply.</param>
internal sealed record CallStatus(StatusCode Code, string Message, long? RetryAfter, Google.Rpc.Status Details);
