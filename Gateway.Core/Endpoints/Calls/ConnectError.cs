using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Errors;

namespace Xmtp.Gateway.Endpoints.Calls;

/// <summary>Writes an error of the Connect protocol: an HTTP status, and JSON with code, message and details.</summary>
internal static class ConnectError
{
    private static readonly TypeRegistry Types = TypeRegistry.FromFiles(Google.Rpc.ErrorDetailsReflection.Descriptor);

    /// <summary>Writes the error.</summary>
    internal static async Task WriteAsync(HttpResponse response, CallStatus status)
    {
        var body = new ArrayBufferWriter<byte>();
        Write(body, status);
        response.StatusCode = HttpStatus(status.Code);
        response.ContentType = "application/json";
        response.ContentLength = body.WrittenCount;
        if (status.RetryAfter is { } seconds) response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        await response.BodyWriter.WriteAsync(body.WrittenMemory, CancellationToken.None).ConfigureAwait(false);
    }

    private static void Write(ArrayBufferWriter<byte> body, CallStatus status)
    {
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("code", Name(status.Code));
        json.WriteString("message", status.Message);
        json.WriteStartArray("details");
        foreach (var detail in status.Details.Details) WriteDetail(json, detail);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteDetail(Utf8JsonWriter json, Any detail)
    {
        json.WriteStartObject();
        json.WriteString("type", Any.GetTypeName(detail.TypeUrl));
        json.WriteString("value", Convert.ToBase64String(detail.Value.Span).TrimEnd('='));
        json.WritePropertyName("debug");
        json.WriteRawValue(JsonFormatter.Default.Format(detail.Unpack(Types)));
        json.WriteEndObject();
    }

    private static string Name(StatusCode code) => code switch
    {
        StatusCode.Cancelled => "canceled",
        StatusCode.InvalidArgument => "invalid_argument",
        StatusCode.DeadlineExceeded => "deadline_exceeded",
        StatusCode.NotFound => "not_found",
        StatusCode.PermissionDenied => "permission_denied",
        StatusCode.ResourceExhausted => "resource_exhausted",
        StatusCode.FailedPrecondition => "failed_precondition",
        StatusCode.Unimplemented => "unimplemented",
        StatusCode.Unavailable => "unavailable",
        StatusCode.Unauthenticated => "unauthenticated",
        _ => "internal",
    };

    // The mapping that the Connect protocol defines.
    private static int HttpStatus(StatusCode code) => code switch
    {
        StatusCode.Cancelled => 499,
        StatusCode.InvalidArgument or StatusCode.FailedPrecondition => 400,
        StatusCode.DeadlineExceeded => 504,
        StatusCode.PermissionDenied => 403,
        StatusCode.NotFound => 404,
        StatusCode.ResourceExhausted => 429,
        StatusCode.Unimplemented => 501,
        StatusCode.Unavailable => 503,
        StatusCode.Unauthenticated => 401,
        _ => 500,
    };
}
