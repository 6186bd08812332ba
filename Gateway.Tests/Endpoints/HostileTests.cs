using System.Diagnostics;
using System.Text.RegularExpressions;
using Grpc.Core;
using Xmtp.Gateway.Bench.Hostile;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.Identity.Jwt;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>The stock gateway as a process that may use 512 MiB, under strangers of every protocol.</summary>
public sealed partial class HostileTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private const long MiB = 1024 * 1024;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_gateway_of_512_MiB_keeps_publishing_under_64_hostile_connections_of_each_protocol()
    {
        await using var issuer = await TokenIssuer.StartAsync();
        await using var gateway = GatewayProcess.Start(
            [
                "--payer.private-key",
                GatewayUnderTest.Key,
                "--contracts.environment=anvil",
                $"--contracts.app-chain.rpc-url={box.Network.ChainUrl}",
                $"--contracts.settlement-chain.rpc-url={box.Network.ChainUrl}",
                "--api.port=0", "--api.http-port=-1", "--api.bind-address=127.0.0.1",
                "--auth.jwt.public-key=" + issuer.Pem,
                "--auth.jwt.issuer=" + TokenIssuer.Name,
                "--auth.jwt.audience=" + TokenIssuer.Audience,
            ],
            new() { ["DOTNET_GCHeapHardLimit"] = "0x20000000" });
        var port = Port().Match(await gateway.ReadUntilAsync("started api server:")).Groups[1].Value;
        var url = new Uri($"http://127.0.0.1:{port}");
        (string, string)[] token = [("authorization", "Bearer " + issuer.Token())];
        using var good = new ProtocolClient(url, Form.Grpc);
        await Eventually.IsAsync(
            async () => (await good.PublishAsync(Envelopes.Request(Envelopes.Welcome()), token)).Code == StatusCode.OK, "it publishes");

        var traffic = new HostileTraffic(url, TimeSpan.FromMilliseconds(500));
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var attack = traffic.RunAsync(64, timeout.Token);
        // Each connection makes one attack of each of the four kinds, and the good caller publishes other messages all the time:
        // repetitions have a limit.
        for (var i = 0; traffic.Attacks < 4L * 64 * HostileTraffic.ProtocolCount; i++)
        {
            var answer = await good.PublishAsync(Envelopes.Request(Envelopes.Welcome((byte)i, 2000 + i / 256)), token);
            Assert.Equal((StatusCode.OK, ""), (answer.Code, answer.Message));
        }

        await timeout.CancelAsync();
        await attack;

        Assert.False(gateway.HasExited);
        using var process = Process.GetProcessById(gateway.Id);
        Assert.InRange(process.PeakWorkingSet64, MiB, 512 * MiB);
    }

    [GeneratedRegex(@"Connect on 127\.0\.0\.1:(\d+)")]
    private static partial Regex Port();
}
