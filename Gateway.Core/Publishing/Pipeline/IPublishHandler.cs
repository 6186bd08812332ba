using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Identity;

namespace Xmtp.Gateway.Publishing.Pipeline;

/// <summary>What the endpoints call: the pipeline of the gateway's payer, or of the payer that a caller belongs to.</summary>
internal interface IPublishHandler
{
    /// <summary>Decides on an identified caller before the body of its request is read.</summary>
    /// <param name="call">The call: its headers.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="deadline">When the caller gives up.</param>
    /// <returns>Null when it is admitted.</returns>
    /// <exception cref="DeadlinePassedException">The deadline passed first.</exception>
    /// <exception cref="OperationCanceledException">The caller left first.</exception>
    ValueTask<PublishError?> AdmitAsync(HttpContext call, ClientIdentity caller, PublishDeadline deadline);

    /// <summary>Publishes a request of a caller that was admitted.</summary>
    /// <param name="request">The serialized PublishClientEnvelopesRequest. It must stay unchanged until the task ends.</param>
    /// <param name="call">The call that delivered it, the same as when it was admitted.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="deadline">When the caller gives up.</param>
    ValueTask<PublishOutcome> PublishAsync(ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity caller, PublishDeadline deadline);
}
