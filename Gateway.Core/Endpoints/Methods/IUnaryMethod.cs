using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Methods;

/// <summary>A method of the API: protobuf bytes in, protobuf bytes or an error out. Every protocol calls the same one.</summary>
internal interface IUnaryMethod
{
    /// <summary>Its name within the service.</summary>
    string Name { get; }

    /// <summary>The request message; JSON needs it.</summary>
    MessageDescriptor RequestType { get; }

    /// <summary>The reply message; JSON needs it.</summary>
    MessageDescriptor ReplyType { get; }

    /// <summary>Serves a call.</summary>
    /// <param name="request">The serialized request; it may be reused once the task ends.</param>
    /// <param name="call">The call it came with.</param>
    /// <param name="deadline">When the caller gives up.</param>
    ValueTask<Reply> InvokeAsync(ReadOnlyMemory<byte> request, HttpContext call, PublishDeadline deadline);
}
