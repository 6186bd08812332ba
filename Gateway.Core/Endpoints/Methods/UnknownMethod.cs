using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Endpoints.Calls;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Publishing;

namespace Xmtp.Gateway.Endpoints.Methods;

/// <summary>Serves every method that a service does not have.</summary>
internal sealed class UnknownMethod : IUnaryMethod
{
    private static readonly Reply Unimplemented = Reply.Failed(PublishErrorKind.Unimplemented, "the service has no such method");

    public string Name => "unknown";

    public MessageDescriptor RequestType => Empty.Descriptor;

    public MessageDescriptor ReplyType => Empty.Descriptor;

    public ValueTask<Reply> InvokeAsync(ReadOnlyMemory<byte> request, HttpContext call, ClientIdentity? caller, PublishDeadline deadline) =>
        ValueTask.FromResult(Unimplemented);
}
