using Microsoft.AspNetCore.Http;

namespace Xmtp.Gateway.Publishing;

/// <summary>START HERE: parse → authorize → route → publish → answer in request order.</summary>
public sealed class PublishPipeline
{
    /// <summary>Publishes one request.</summary>
    /// <param name="request">The serialized PublishClientEnvelopesRequest. It must stay unchanged until the task ends.</param>
    /// <param name="call">The call it came with: identity, headers, and <see cref="HttpContext.RequestAborted"/>.</param>
    /// <param name="deadline">When the caller gives up.</param>
    public ValueTask<PublishOutcome> PublishAsync(ReadOnlyMemory<byte> request, HttpContext call, PublishDeadline deadline) => throw new NotImplementedException();
}
