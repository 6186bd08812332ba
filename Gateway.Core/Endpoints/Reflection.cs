using Google.Protobuf.Reflection;
using Grpc.Reflection;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Endpoints;

/// <summary>The services that server reflection lists: the gateway's services and health.</summary>
/// <remarks>
/// Listed explicitly, because the gateway's methods are not bound through Grpc.AspNetCore, where the stock reflection
/// would find them.
/// </remarks>
internal static class Reflection
{
    private static readonly ServiceDescriptor[] Shown =
    [
        PayerApi.Descriptor,
        GatewayApi.Descriptor,
        Grpc.Health.V1.Health.Descriptor,
    ];

    internal static ReflectionV1ServiceImpl V1() => new(Shown);

    internal static ReflectionServiceImpl V1Alpha() => new(Shown);
}
