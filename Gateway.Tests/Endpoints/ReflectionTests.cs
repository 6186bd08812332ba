using Grpc.Core;
using Grpc.Reflection.V1;

namespace Xmtp.Gateway.Tests.Endpoints;

public class ReflectionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_shows_the_services_in_both_versions_when_it_is_on()
    {
        await using var gateway = await TestGateway.StartAsync(api => api.Reflection = true);
        using var channel = ProtocolClient.Channel(gateway.Url);

        using var v1 = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(cancellationToken: Cancel);
        await v1.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, Cancel);
        Assert.True(await v1.ResponseStream.MoveNext(Cancel));
        var services = v1.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ToList();
        Assert.Equal(
            ["grpc.health.v1.Health", "xmtp.xmtpv4.gateway_api.GatewayApi", "xmtp.xmtpv4.payer_api.PayerApi"],
            services.Order(StringComparer.Ordinal));

        using var v1Alpha = new Grpc.Reflection.V1Alpha.ServerReflection.ServerReflectionClient(channel)
            .ServerReflectionInfo(cancellationToken: Cancel);
        await v1Alpha.RequestStream.WriteAsync(
            new Grpc.Reflection.V1Alpha.ServerReflectionRequest { FileContainingSymbol = "xmtp.xmtpv4.gateway_api.GatewayApi" }, Cancel);
        Assert.True(await v1Alpha.ResponseStream.MoveNext(Cancel));
        Assert.NotEmpty(v1Alpha.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto);
    }

    [Fact]
    public async Task It_is_not_there_when_it_is_off()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var channel = ProtocolClient.Channel(gateway.Url);
        using var call = new ServerReflection.ServerReflectionClient(channel).ServerReflectionInfo(cancellationToken: Cancel);
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext(Cancel));
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }
}
