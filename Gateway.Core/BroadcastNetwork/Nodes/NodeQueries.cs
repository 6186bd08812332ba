using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Queries a node for envelopes, through QueryApi, or the older service when the node has no QueryApi.</summary>
/// <remarks>
/// Uses a separate connection, created when first needed: queries are needed when the connection of the publishes broke.
/// </remarks>
internal sealed class NodeQueries(Uri address, NodeCallMetrics metrics) : IDisposable
{
    private readonly Lazy<HttpMessageInvoker> _http = new(() => new HttpMessageInvoker(NodeTransport.Handler(address)));
    private volatile bool _usesReplicationApi;

    /// <summary>Calls QueryEnvelopes.</summary>
    /// <returns>The serialized QueryEnvelopesResponse.</returns>
    /// <exception cref="RpcException">The node refused, or could not be reached.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal async Task<byte[]> AskAsync(QueryEnvelopesRequest request, CancellationToken cancellationToken)
    {
        var known = _usesReplicationApi;
        for (var older = known; ; older = !older)
        {
            var method = older ? metrics.ReplicationQuery : metrics.Query;
            using var message = Message(request, method.Path);
            var (started, status) = (method.Started(), StatusCode.Cancelled);
            try
            {
                using var response = await _http.Value.SendAsync(message, cancellationToken).ConfigureAwait(false);
                var answer = await GrpcResponseReader.ReadAsync(response, cancellationToken).ConfigureAwait(false);
                _usesReplicationApi = older;
                status = StatusCode.OK;
                return answer;
            }
            catch (RpcException exception)
            {
                status = exception.StatusCode;
                if (older != known || !IsOtherServiceNeeded(exception)) throw;
            }
            catch (Exception exception) when (NodeConnectionFault.IsOfConnection(exception))
            {
                status = StatusCode.Unavailable;
                throw new RpcException(new Status(status, exception.Message, exception));
            }
            finally
            {
                method.Ended(status, started);
            }
        }
    }

    public void Dispose()
    {
        if (_http.IsValueCreated) _http.Value.Dispose();
    }

    private static bool IsOtherServiceNeeded(RpcException fault) =>
        fault is not NoGrpcStatusException && fault.StatusCode is StatusCode.Unimplemented or StatusCode.Unauthenticated;

    private HttpRequestMessage Message(QueryEnvelopesRequest request, string path)
    {
        var body = new byte[5 + request.CalculateSize()];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), body.Length - 5);
        request.WriteTo(body.AsSpan(5));
        var message = new HttpRequestMessage(
            HttpMethod.Post,
            new Uri(new Uri(address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)), path))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/grpc") } },
        };
        message.Headers.TryAddWithoutValidation("TE", "trailers");
        message.Headers.TryAddWithoutValidation("User-Agent", NodeTransport.UserAgent);
        return message;
    }
}
