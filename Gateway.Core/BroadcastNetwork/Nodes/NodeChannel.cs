using System.Net;
using System.Net.Http.Headers;
using Grpc.Core;

namespace Xmtp.Gateway.BroadcastNetwork.Nodes;

/// <summary>Unary gRPC calls to a node, on one long-lived HTTP/2 connection with many streams.</summary>
/// <remarks>
/// Written on HTTP/2 and not on Grpc.Net.Client, as the server's side is: a publish then costs a tenth less. Nothing is
/// retried here and nothing is compressed. A token that ends a call closes its stream.
/// </remarks>
internal sealed class NodeChannel(Uri address) : IDisposable
{
    private static readonly TransferCodingWithQualityHeaderValue Trailers = new("trailers");
    private readonly HttpMessageInvoker http = new(NodeTransport.Handler(address));
    private readonly Uri replication = Method(address, "xmtp.xmtpv4.message_api.ReplicationApi");
    private readonly Uri publish = Method(address, "xmtp.xmtpv4.message_api.PublishApi");

    /// <summary>Calls PublishPayerEnvelopes.</summary>
    /// <param name="request">What to send.</param>
    /// <param name="byPublishApi">By the successor of the service that every deployed node has.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The serialized PublishPayerEnvelopesResponse.</returns>
    /// <exception cref="RpcException">The node refused, or could not be reached, or did not speak gRPC.</exception>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    internal async ValueTask<byte[]> PublishAsync(NodePublish request, bool byPublishApi, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, byPublishApi ? publish : replication)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new NodePublishContent(request),
        };
        message.Headers.TE.Add(Trailers);
        try
        {
            using var response = await http.SendAsync(message, cancellationToken);
            return await NodeReply.ReadAsync(response, cancellationToken);
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException)
        {
            throw new RpcException(new Status(StatusCode.Unavailable, fault.Message, fault));
        }
    }

    public void Dispose() => http.Dispose();

    private static Uri Method(Uri address, string service) => new(new Uri(address.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)), $"/{service}/PublishPayerEnvelopes");
}
