using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

public sealed class HealthProbeTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private DevNetwork Network => box.Network;

    [Fact]
    public async Task The_program_in_an_image_can_check_the_liveness_of_its_gateway()
    {
        var (exitCode, output, _) = await GatewayProcess.RunAsync("healthcheck", "--api.port", $"{Network.Gateway.Port}");
        Assert.Equal(0, exitCode);
        Assert.Contains("/livez is alive", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_finds_the_port_by_the_variable_that_the_gateway_has_it_from()
    {
        await using var probe = GatewayProcess.Start(["healthcheck"], new() { ["XMTPD_API_PORT"] = $"{Network.Gateway.Port}" });
        Assert.Equal(0, await probe.WaitAsync());
    }

    [Fact]
    public async Task A_proxy_of_the_environment_is_not_used_for_the_local_gateway()
    {
        await using var probe = GatewayProcess.Start(
            ["healthcheck", $"--api.port={Network.Gateway.Port}"],
            new() { ["HTTP_PROXY"] = "http://127.0.0.1:1", ["ALL_PROXY"] = "http://127.0.0.1:1" });
        Assert.Equal(0, await probe.WaitAsync());
    }

    [Fact]
    public async Task Without_an_answer_it_says_so_and_ends_with_1()
    {
        // Port 1 is nobody's.
        var (exitCode, output, errors) = await GatewayProcess.RunAsync("healthcheck", "--api.port=1");
        Assert.Equal(1, exitCode);
        Assert.Empty(output);
        Assert.Contains("http://127.0.0.1:1/livez: ", errors, StringComparison.Ordinal);
    }
}
