using System.Globalization;
using System.Net;
using Grpc.Core;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Unary gRPC calls to a node, on one long-lived HTTP/2 connection with many streams.</summary>
/// <remarks>
/// <para>Built on HTTP/2 rather than on Grpc.Net.Client, like the server side: a publish then costs a tenth less.
/// Nothing is compressed. Cancelling a call's token closes its stream.</para>
/// <para>Edge proxies in front of nodes recycle connections. A call that HTTP/2 reports as not processed is resent at
/// once on another connection; no other call is repeated here. When a node sends GOAWAY, the next connection is opened
/// at once and not only at the next publish.</para>
/// </remarks>
internal sealed class NodeChannel : IDisposable
{
    /// <summary>
    /// How many times a call is sent without being processed, each time on up to four connections, before the node
    /// counts as unable to accept it.
    /// </summary>
    private const int MaxSends = 16;

    private static readonly TimeSpan MaxOpening = TimeSpan.FromSeconds(10);

    private readonly HttpMessageInvoker _http;
    private readonly Action<int> _sends;
    private readonly Action<int> _resent;
    private readonly (Uri Address, NodeCallMetrics.MethodMetrics Metrics) _replicationApi;
    private readonly (Uri Address, NodeCallMetrics.MethodMetrics Metrics) _publishApi;
    private readonly Uri _health;
    private volatile bool _usesPublishApi;
    private int _isUsed;
    private long _answers;

    /// <summary>Creates the channel; it connects at the first call.</summary>
    /// <param name="address">The node.</param>
    /// <param name="sends">Called with the number of envelopes of each call.</param>
    /// <param name="resent">Called with the number of times that a call was resent.</param>
    /// <param name="metrics">Counts and times the calls.</param>
    internal NodeChannel(Uri address, Action<int> sends, Action<int> resent, NodeCallMetrics metrics)
    {
        _sends = sends;
        _resent = resent;
        _http = new HttpMessageInvoker(NodeTransport.Handler(address, OpenNext));
        _replicationApi = (Method(address, metrics.ReplicationPublish.Path), metrics.ReplicationPublish);
        _publishApi = (Method(address, metrics.Publish.Path), metrics.Publish);
        _health = Method(address, "grpc.health.v1.Health/Check");
    }

    /// <summary>
    /// Calls PublishPayerEnvelopes: of the service that every deployed node has, or of its successor if the first one
    /// returns UNIMPLEMENTED or UNAUTHENTICATED.
    /// </summary>
    /// <param name="request">What to send.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The serialized PublishPayerEnvelopesResponse.</returns>
    /// <exception cref="RpcException">The node refused, or the response was not gRPC; if its status contains a
    /// <see cref="NodeConnectionFault"/>, there was no response.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    internal async ValueTask<ReadOnlyMemory<byte>> PublishAsync(INodeMessage request, CancellationToken cancellationToken)
    {
        _sends(request.Count);
        var known = _usesPublishApi;
        for (var api = known; ; api = !api)
        {
            var (address, metrics) = api ? _publishApi : _replicationApi;
            var (started, status) = (metrics.Started(), StatusCode.Cancelled);
            try
            {
                var answer = await SendAsync(request, address, cancellationToken).ConfigureAwait(false);
                status = StatusCode.OK;
                if (api != known) _usesPublishApi = api;
                return answer;
            }
            catch (RpcException exception)
            {
                status = exception.StatusCode;
                if (api != known || !IsOtherServiceNeeded(exception, api)) throw;
            }
            finally
            {
                metrics.Ended(status, started);
            }
        }
    }

    public void Dispose() => _http.Dispose();

    // With replication authentication, the older service is only for nodes, and the newer one for payers.
    private static bool IsOtherServiceNeeded(RpcException fault, bool publishApi) =>
        fault is not NoGrpcStatusException
        && (fault.StatusCode == StatusCode.Unimplemented || (fault.StatusCode == StatusCode.Unauthenticated && !publishApi));

    private void OpenNext()
    {
        // Only for a node that is published to: edge proxies close idle connections too, and would close each new one.
        if (Interlocked.Exchange(ref _isUsed, 0) == 1) _ = Task.Run(OpenNextAsync);
    }

    private async ValueTask<byte[]> SendAsync(INodeMessage request, Uri method, CancellationToken cancellationToken)
    {
        var (writesBefore, answersBefore) = (request.Writes, Interlocked.Read(ref _answers));
        try
        {
            for (var sends = 1; ; sends++)
            {
                using var message = Message(method, new NodePublishContent(request));
                message.Headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout(request.Timeout));
                Volatile.Write(ref _isUsed, 1);
                try
                {
                    using var response = await _http.SendAsync(message, cancellationToken).ConfigureAwait(false);
                    Interlocked.Increment(ref _answers);
                    return await ReadAsync(response, cancellationToken).ConfigureAwait(false);
                }
                catch (Exception exception) when (IsBroken(exception, cancellationToken))
                {
                    var judged = Classify(request, exception);
                    if (judged.IsNotProcessed) request.WasNotProcessed();
                    // An endpoint that accepts a connection and closes it, even before the first frame, may be an edge
                    // proxy that recycles.
                    if (!judged.IsNotProcessed || NodeConnectionFault.IsNotConnected(exception)) throw NoAnswer(judged);
                    if (sends == MaxSends)
                    {
                        throw NoAnswer(
                            new(
                                exception,
                                Interlocked.Read(ref _answers) == answersBefore ? AttemptOutcome.Unreachable : AttemptOutcome.Disconnected,
                                isNotProcessed: true));
                    }
                }
            }
        }
        finally
        {
            if (request.Writes - writesBefore > 1) _resent(request.Writes - writesBefore - 1);
        }
    }

    private static async ValueTask<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            return await GrpcResponseReader.ReadAsync(response, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsBroken(exception, cancellationToken))
        {
            throw NoAnswer(new NodeConnectionFault(exception, NodeConnectionFault.OfEnd(exception), isNotProcessed: false));
        }
    }

    // A request whose body was being written when its stream ended is cancelled, though by no token. A connect
    // timeout is not such a case.
    private static bool IsBroken(Exception exception, CancellationToken cancellationToken) =>
        NodeConnectionFault.IsOfConnection(exception)
        || (exception is OperationCanceledException { InnerException: not TimeoutException } && !cancellationToken.IsCancellationRequested);

    // No response headers arrived.
    private static NodeConnectionFault Classify(INodeMessage request, Exception exception)
    {
        if (NodeConnectionFault.IsNotConnected(exception)) return new(exception, AttemptOutcome.Unreachable, isNotProcessed: true);
        if (NodeConnectionFault.IsRefusedStream(exception) || NodeConnectionFault.IsNotBegun(exception))
            return new(exception, AttemptOutcome.Disconnected, isNotProcessed: true);
        return new(exception, NodeConnectionFault.OfEnd(exception), isNotProcessed: !request.IsWritten);
    }

    private static RpcException NoAnswer(NodeConnectionFault fault) => new(new Status(StatusCode.Unavailable, fault.Message, fault));

    // Any call opens the connection, and every node has this one. The response does not matter.
    private async Task OpenNextAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(MaxOpening);
            using var message = Message(_health, new ByteArrayContent(new byte[NodePublishContent.HeaderSize]));
            message.Content!.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
            using var response = await _http.SendAsync(message, timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
            when (NodeConnectionFault.IsOfConnection(exception) || exception is OperationCanceledException or ObjectDisposedException)
        {
            // The next publish will detect the fault.
        }
    }

    // In milliseconds: at least 1.
    private static string GrpcTimeout(TimeSpan timeout) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)timeout.TotalMilliseconds)}m");

    private static HttpRequestMessage Message(Uri method, HttpContent content)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };

        // As text: a parsed header would be formatted again for each call.
        message.Headers.TryAddWithoutValidation("TE", "trailers");
        message.Headers.TryAddWithoutValidation("User-Agent", NodeTransport.UserAgent);
        return message;
    }

    private static Uri Method(Uri address, string path) =>
        new(new Uri(address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)), path);
}
