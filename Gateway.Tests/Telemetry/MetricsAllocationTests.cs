using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Endpoints.Telemetry;
using Xmtp.Gateway.Publishing;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Telemetry;

public sealed class MetricsAllocationTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    [Fact]
    public void Counting_a_call_and_a_publish_allocates_nothing()
    {
        var services = box.Network.GatewayServices;
        var call = services.GetRequiredService<CallMetrics>().Of("service", "method");
        var publish = services.GetRequiredService<PublishMetrics>();
        var originator = PublishMetrics.Originator(100);
        for (var i = 0; i < 100; i++) Count();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Count();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Count()
        {
            call.Started();
            publish.Published(originator, 1, TimeSpan.FromMilliseconds(3));
            call.Handled(StatusCode.OK, TimeSpan.FromMilliseconds(4));
        }
    }
}
