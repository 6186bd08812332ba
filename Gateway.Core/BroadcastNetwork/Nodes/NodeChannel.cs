using System.Net;
using Grpc.Core;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Unary gRPC calls to a node, on one long-lived HTTP/2 connection with many streams.</summary>
/// <remarks>
/// Written on HTTP/2 and not on Grpc.Net.Client, as the server's side is: a publish then costs a tenth less. Nothing is
/// retried here and nothing is compressed. A token that ends a call closes its stream.
/// </remarks>
internal sealed class NodeChannel(Uri address) : IDisposable
{
    private readonly HttpMessageInvoker http = new(NodeTransport.Handler(address));
    private readonly Uri replicationApi = Method(address, "xmtp.xmtpv4.message_api.ReplicationApi");
    private readonly Uri publishApi = Method(address, "xmtp.xmtpv4.message_api.PublishApi");
    private volatile bool usesPublishApi;

    /// <summary>Calls PublishPayerEnvelopes: of the service that every deployed node has, or of its successor where the first UNIMPLEMENTED or UNAUTHENTICATED tells so.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The serialized PublishPayerEnvelopesResponse.</returns>
    /// <exception cref="RpcException">The node refused, or could not be reached, or did not speak gRPC.</exception>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    internal async ValueTask<byte[]> PublishAsync(NodePublish request, CancellationToken cancellationToken)
    {
        var known = usesPublishApi;
        for (var api = known; ; api = !api)
        {
            using var message = Message(request, api ? publishApi : replicationApi);
            try
            {
                using var response = await http.SendAsync(message, cancellationToken);
                var answer = await NodeReply.ReadAsync(response, cancellationToken);
                if (api != known) usesPublishApi = api;
                return answer;
            }
            catch (RpcException fault) when (api == known && AsksForTheOtherService(fault, api))
            {
            }
            catch (Exception fault) when (fault is HttpRequestException or IOException)
            {
                throw new RpcException(new Status(StatusCode.Unavailable, fault.Message, fault));
            }
        }
    }

    public void Dispose() => http.Dispose();

    // With replication authentication the older service is for nodes alone, and the newer one for payers.
    private static bool AsksForTheOtherService(RpcException fault, bool publishApi) =>
        fault is not NoGrpcStatusException
        && (fault.StatusCode == StatusCode.Unimplemented || (fault.StatusCode == StatusCode.Unauthenticated && !publishApi));

    private static HttpRequestMessage Message(NodePublish request, Uri method)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new NodePublishContent(request),
        };

        // As text: a parsed header would be written out anew for each call.
        message.Headers.TryAddWithoutValidation("TE", "trailers");
        message.Headers.TryAddWithoutValidation("grpc-timeout", request.GrpcTimeout);
        return message;
    }

    private static Uri Method(Uri address, string service) => new(new Uri(address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)), $"/{service}/PublishPayerEnvelopes");
}
