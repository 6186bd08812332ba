using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Errors;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Endpoints.Telemetry;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Dispatches a call to the protocol of its content type.</summary>
internal sealed partial class UnaryEndpoint(
    CallAdmission admission,
    GrpcUnary grpc,
    ConnectUnary connect,
    FailedCallLog log,
    TimeProvider time,
    ILogger<UnaryEndpoint> logger)
{
    private const string GrpcType = "application/grpc";
    private const string GrpcProtoType = "application/grpc+proto";
    private const string GrpcJsonType = "application/grpc+json";
    private const string Served =
        "application/grpc, application/grpc+json, application/grpc-web, application/grpc-web+json, application/proto, application/json";

    private static readonly CallStatus CallerLeft = StatusMapper.Map(Reply.Failed(PublishFaults.CallerLeft));
    private static readonly CallStatus Broken = StatusMapper.Map(
        Reply.Failed(PublishErrorKind.Internal, "the call ended with an exception of the server"));

    private static readonly CallStatus NotPost = StatusMapper.Map(
        Reply.Failed(PublishErrorKind.Unimplemented, "HTTP status 405: the method of a call is POST"));

    private static readonly CallStatus UnknownType = StatusMapper.Map(
        Reply.Failed(PublishErrorKind.Unimplemented, "HTTP status 415: the content type is of no protocol that is served"));

    /// <summary>Serves one call of a method, in any protocol.</summary>
    internal async Task HandleAsync(HttpContext call, IUnaryMethod method, CallMetrics.MethodMetrics metrics)
    {
        var start = time.GetTimestamp();
        CallStatus? status = Broken;
        metrics.Started();
        LogReceived(logger, metrics.Procedure);
        var bytes = admission.Begin(call);
        try
        {
            status = await DispatchAsync(call, method, bytes).ConfigureAwait(false);
        }
        catch (Exception exception) when (HasLeft(call, exception))
        {
            // The caller left, so there is no one to respond to.
            status = CallerLeft;
        }
        finally
        {
            bytes.End();
            var took = time.GetElapsedTime(start);
            metrics.Handled(status?.Code ?? StatusCode.OK, took);
            if (status is not null)
                log.Write(metrics.Procedure, status, call.Features.Get<SelectedCaller>()?.Identity ?? bytes.Caller, took);
        }
    }

    /// <summary>
    /// Serves one call of a method in any protocol, and leaves it out of the metrics of calls and the log: the original
    /// gateway's figures have no probes in them.
    /// </summary>
    internal async Task HandleProbeAsync(HttpContext call, IUnaryMethod method)
    {
        var bytes = admission.Begin(call);
        try
        {
            await DispatchAsync(call, method, bytes).ConfigureAwait(false);
        }
        catch (Exception exception) when (HasLeft(call, exception))
        {
            // There is no one to respond to.
        }
        finally
        {
            bytes.End();
        }
    }

    private static bool HasLeft(HttpContext call, Exception exception) =>
        exception is OperationCanceledException or IOException and not BadHttpRequestException
            && call.RequestAborted.IsCancellationRequested;

    private Task<CallStatus?> DispatchAsync(HttpContext call, IUnaryMethod method, CallBytes bytes)
    {
        var type = call.Request.ContentType.AsSpan();
        var parameters = type.IndexOf(';');
        if (parameters >= 0) type = type[..parameters].TrimEnd();
        if (!HttpMethods.IsPost(call.Request.Method)) return Refuse(call, StatusCodes.Status405MethodNotAllowed, "Allow", "POST", NotPost);
        if (Is(type, GrpcType)) return grpc.HandleAsync(call, method, GrpcType, json: false, bytes);
        if (Is(type, GrpcProtoType)) return grpc.HandleAsync(call, method, GrpcProtoType, json: false, bytes);
        if (Is(type, GrpcJsonType)) return grpc.HandleAsync(call, method, GrpcJsonType, json: true, bytes);
        if (Is(type, "application/proto")) return connect.HandleAsync(call, method, json: false, bytes);
        if (Is(type, "application/json")) return connect.HandleAsync(call, method, json: true, bytes);
        return Refuse(call, StatusCodes.Status415UnsupportedMediaType, "Accept-Post", Served, UnknownType);
    }

    private static bool Is(ReadOnlySpan<char> type, string name) => type.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static Task<CallStatus?> Refuse(HttpContext call, int http, string header, string value, CallStatus status)
    {
        call.Response.StatusCode = http;
        call.Response.Headers[header] = value;
        return Task.FromResult<CallStatus?>(status);
    }

    // The words of the original: what runs it counts them.
    [LoggerMessage(EventIds.CallReceived, LogLevel.Debug, "received request of {Method}")]
    private static partial void LogReceived(ILogger logger, string method);
}
