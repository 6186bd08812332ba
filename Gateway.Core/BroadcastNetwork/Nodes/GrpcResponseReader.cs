using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Reads a node's response to a unary gRPC call.</summary>
/// <remarks>
/// <code>
/// HTTP 200, content-type application/grpc…
/// body:  0 1 compressed: 0 | 1 4 length, big-endian | 5 … the message
/// then trailers (or, without a body, headers): grpc-status  grpc-message, percent-encoded
/// </code>
/// </remarks>
internal static class GrpcResponseReader
{
    private const int HeaderSize = 5;
    private const int FirstRead = 4096;

    /// <summary>Reads the response to its end.</summary>
    /// <returns>The message.</returns>
    /// <exception cref="NoGrpcStatusException">There is no grpc-status.</exception>
    /// <exception cref="RpcException">The status is not OK, or the response is not gRPC.</exception>
    internal static async ValueTask<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (StatusIn(response.Headers) is { } only && only.StatusCode != StatusCode.OK) throw new RpcException(only);
        if (response.StatusCode != HttpStatusCode.OK)
            throw NoStatus(response, OfHttp(response.StatusCode), $"HTTP status {(int)response.StatusCode}");
        if (response.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) != true)
            throw NoStatus(response, StatusCode.Unknown, "the answer is not gRPC");

        var message = await ReadMessageAsync(
            await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var status = StatusIn(response.TrailingHeaders) ?? throw NoStatus(response, StatusCode.Internal, "the answer has no grpc-status");
        if (status.StatusCode != StatusCode.OK) throw new RpcException(status);
        return message ?? throw Fault(StatusCode.Internal, "the answer is no whole message");
    }

    // Null when there is no whole message. Reads to the end in any case, since the trailers come last.
    private static async ValueTask<byte[]?> ReadMessageAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(FirstRead);
        try
        {
            var read = await body.ReadAtLeastAsync(buffer, HeaderSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            if (read < HeaderSize) return null;
            if (buffer[0] != 0) throw Fault(StatusCode.Internal, "the answer is compressed, which was not asked for");
            var length = BinaryPrimitives.ReadUInt32BigEndian(buffer.AsSpan(1));
            if (length > NodeTransport.MaxMessageSize) throw Fault(StatusCode.Internal, "the answer is larger than 25 MiB");

            var message = GC.AllocateUninitializedArray<byte>((int)length);
            var here = Math.Min(message.Length, read - HeaderSize);
            buffer.AsSpan(HeaderSize, here).CopyTo(message);
            var rest = await body.ReadAtLeastAsync(
                message.AsMemory(here), message.Length - here, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var whole = here + rest == message.Length && read == HeaderSize + here;
            while (await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0) whole = false;
            return whole ? message : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static Status? StatusIn(HttpHeaders headers)
    {
        if (!headers.NonValidated.TryGetValues("grpc-status", out var values)) return null;
        if (!int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
            return new Status(StatusCode.Unknown, "grpc-status is not a number");
        if (code == 0) return Status.DefaultSuccess;
        var text = headers.NonValidated.TryGetValues("grpc-message", out var message) ? Uri.UnescapeDataString(message.ToString()) : "";
        return new Status((StatusCode)code, text);
    }

    /// <summary>The gRPC status for an HTTP status, as the gRPC specification defines it.</summary>
    private static StatusCode OfHttp(HttpStatusCode status) => (int)status switch
    {
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    private static NoGrpcStatusException NoStatus(HttpResponseMessage response, StatusCode code, string text) =>
        new(response.StatusCode, new Status(code, text));

    private static RpcException Fault(StatusCode code, string text) => new(new Status(code, text));
}
