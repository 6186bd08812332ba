using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Methods;

/// <summary>PublishClientEnvelopes: hands the request's bytes to the pipeline.</summary>
internal sealed class PublishClientEnvelopes(PublishPipeline pipeline) : IUnaryMethod
{
    public string Name => "PublishClientEnvelopes";

    public MessageDescriptor RequestType => PublishClientEnvelopesRequest.Descriptor;

    public MessageDescriptor ReplyType => PublishClientEnvelopesResponse.Descriptor;

    public async ValueTask<Reply> InvokeAsync(ReadOnlyMemory<byte> request, HttpContext call, PublishDeadline deadline) =>
        Reply.Of(await pipeline.PublishAsync(request, call, deadline));
}
