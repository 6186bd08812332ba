using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Methods;

/// <summary>A method of the API: protobuf bytes in, protobuf bytes or an error out. All protocols call the same one.</summary>
internal interface IUnaryMethod
{
    /// <summary>Its name within the service.</summary>
    string Name { get; }

    /// <summary>The request message, for JSON.</summary>
    MessageDescriptor RequestType { get; }

    /// <summary>The response message, for JSON.</summary>
    MessageDescriptor ReplyType { get; }

    /// <summary>Whether only identified callers are served: then the body is read after the caller was identified.</summary>
    bool NeedsIdentity => false;

    /// <summary>Decides on an identified caller before the body is read.</summary>
    /// <param name="call">The call: its headers.</param>
    /// <param name="caller">The caller.</param>
    /// <param name="deadline">When the caller gives up.</param>
    /// <returns>Null when its body may be read.</returns>
    ValueTask<PublishError?> AdmitAsync(HttpContext call, ClientIdentity caller, PublishDeadline deadline) => default;

    /// <summary>The max request, in bytes after decompression.</summary>
    int MaxRequestSize => MessageLimit.SmallBytes;

    /// <summary>Serves a call.</summary>
    /// <param name="request">The serialized request; it may be reused once the task ends.</param>
    /// <param name="call">The call that delivered it.</param>
    /// <param name="caller">The caller; null unless <see cref="NeedsIdentity"/>.</param>
    /// <param name="deadline">When the caller gives up.</param>
    ValueTask<Reply> InvokeAsync(ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity? caller, PublishDeadline deadline);
}
