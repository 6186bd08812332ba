using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Costs;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Publishing.Pipeline;

namespace Xmtp.Gateway.Endpoints.Methods;

/// <summary>PublishClientEnvelopes: passes the request's bytes to the pipeline.</summary>
internal sealed class PublishClientEnvelopes(IPublishHandler pipeline, IOptions<CostsOptions> costs) : IUnaryMethod
{
    public string Name => "PublishClientEnvelopes";

    public MessageDescriptor RequestType => PublishClientEnvelopesRequest.Descriptor;

    public MessageDescriptor ReplyType => PublishClientEnvelopesResponse.Descriptor;

    public bool NeedsIdentity => true;

    public int MaxRequestSize => MessageLimit.Bytes;

    public ValueTask<PublishError?> AdmitAsync(HttpContext call, ClientIdentity caller, PublishDeadline deadline) =>
        pipeline.AdmitAsync(call, caller, deadline);

    public async ValueTask<Reply> InvokeAsync(
        ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity? caller, PublishDeadline deadline)
    {
        var outcome = await pipeline.PublishAsync(request, call, caller!, deadline).ConfigureAwait(false);
        var reply = Reply.Of(outcome);
        return costs.Value.Trailer ? reply with { Cost = outcome.Cost } : reply;
    }
}
