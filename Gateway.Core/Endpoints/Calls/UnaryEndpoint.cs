using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Admission;
using Xmtp.Gateway.Endpoints.Methods;
using Xmtp.Gateway.Endpoints.Telemetry;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Dispatches a call to the protocol of its content type.</summary>
internal sealed class UnaryEndpoint(CallAdmission admission, GrpcUnary grpc, ConnectUnary connect, TimeProvider time)
{
    /// <summary>Serves one call of a method, in any protocol.</summary>
    internal async Task HandleAsync(HttpContext call, IUnaryMethod method, CallMetrics.MethodMetrics metrics)
    {
        var start = time.GetTimestamp();
        var status = StatusCode.Internal;
        metrics.Started();
        var bytes = admission.Begin(call);
        try
        {
            status = await DispatchAsync(call, method, bytes).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (exception is OperationCanceledException or IOException and not BadHttpRequestException
                && call.RequestAborted.IsCancellationRequested)
        {
            // The caller left, so there is no one to respond to.
            status = StatusCode.Cancelled;
        }
        finally
        {
            bytes.End();
            metrics.Handled(status, time.GetElapsedTime(start));
        }
    }

    private Task<StatusCode> DispatchAsync(HttpContext call, IUnaryMethod method, CallBytes bytes)
    {
        var type = call.Request.ContentType.AsSpan();
        var parameters = type.IndexOf(';');
        if (parameters >= 0) type = type[..parameters].TrimEnd();
        if (!HttpMethods.IsPost(call.Request.Method)) return Refuse(call, StatusCodes.Status405MethodNotAllowed, "Allow", "POST");
        if (Is(type, "application/grpc") || Is(type, "application/grpc+proto")) return grpc.HandleAsync(call, method, bytes);
        if (Is(type, "application/proto")) return connect.HandleAsync(call, method, json: false, bytes);
        if (Is(type, "application/json")) return connect.HandleAsync(call, method, json: true, bytes);
        return Refuse(
            call,
            StatusCodes.Status415UnsupportedMediaType,
            "Accept-Post",
            "application/grpc, application/grpc-web, application/proto, application/json");
    }

    private static bool Is(ReadOnlySpan<char> type, string name) => type.Equals(name, StringComparison.OrdinalIgnoreCase);

    private static Task<StatusCode> Refuse(HttpContext call, int status, string header, string value)
    {
        call.Response.StatusCode = status;
        call.Response.Headers[header] = value;
        return Task.FromResult(StatusCode.Unimplemented);
    }
}
