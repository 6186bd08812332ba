using System.Text;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Xmtp.Gateway.Endpoints.Health;

/// <summary>
/// Check of <c>grpc.health.v1.Health</c>: reports in every protocol what <c>/readyz</c> reports, for the whole server (an
/// empty name) and for each API. Another name is NOT_FOUND.
/// </summary>
/// <remarks>
/// In JSON the status is <c>SERVING_STATUS_SERVING</c> or <c>SERVING_STATUS_NOT_SERVING</c>: the original gateway's definition
/// has the same numbers as the standard one, and longer names.
/// </remarks>
internal sealed class HealthCheck(HealthReports reports) : IUnaryMethod
{
    /// <summary>The path of the method.</summary>
    internal const string Path = "/grpc.health.v1.Health/Check";

    private static readonly string[] Services =
    [
        "",
        "xmtp.xmtpv4.payer_api.PayerApi",
        "xmtp.xmtpv4.gateway_api.GatewayApi",
        "grpc.health.v1.Health",
    ];

    private static readonly Reply Serving = Of(ServingStatus.Serving, "SERVING_STATUS_SERVING");
    private static readonly Reply NotServing = Of(ServingStatus.NotServing, "SERVING_STATUS_NOT_SERVING");
    private static readonly Reply Unknown = Reply.Failed(PublishErrorKind.NotFound, "there is no such service");
    private static readonly Reply TooLate = Reply.Failed(
        PublishErrorKind.DeadlineExceeded, "the deadline passed before the checks were done");

    private static readonly Reply Malformed = Reply.Failed(
        PublishErrorKind.InvalidArgument, "the body is not a HealthCheckRequest");

    public string Name => "Check";

    public MessageDescriptor RequestType => HealthCheckRequest.Descriptor;

    public MessageDescriptor ReplyType => HealthCheckResponse.Descriptor;

    /// <summary>Whether the server has a service of this name, or the name is empty.</summary>
    internal static bool Knows(string service) => Services.Contains(service);

    public async ValueTask<Reply> InvokeAsync(
        ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity? caller, PublishDeadline deadline)
    {
        if (Service(request) is not { } service) return Malformed;
        if (!Knows(service)) return Unknown;
        try
        {
            var report = await deadline.Bound(reports.GetAsync(call.RequestAborted), call.RequestAborted).ConfigureAwait(false);
            return report.Status == HealthStatus.Unhealthy ? NotServing : Serving;
        }
        catch (DeadlinePassedException)
        {
            return TooLate;
        }
    }

    private static string? Service(ReadOnlyMemory<byte> request)
    {
        try
        {
            return HealthCheckRequest.Parser.ParseFrom(request.Span).Service;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static Reply Of(ServingStatus status, string name) =>
        Reply.Ok(new HealthCheckResponse { Status = status }.ToByteArray()) with
        {
            Json = Encoding.UTF8.GetBytes($$"""{"status":"{{name}}"}"""),
        };
}
