using Google.Protobuf.Reflection;
using Grpc.Reflection;
using Xmtp.Gateway.Protocol.Wire;

namespace Xmtp.Gateway.Endpoints;

/// <summary>What server reflection shows: the gateway's services and health.</summary>
/// <remarks>
/// Named here one by one, because the gateway's methods are not bound through Grpc.AspNetCore, where the stock
/// reflection would look for them.
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
