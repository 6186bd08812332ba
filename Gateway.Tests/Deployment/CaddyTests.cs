using System.Diagnostics;
using System.Net;
using System.Text;
using Google.Protobuf;
using Grpc.Net.Client;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>The Caddy of <c>deploy/compose</c> that terminates TLS, run in front of a gateway.</summary>
public sealed class CaddyTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private const string Publish = "xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DevNetwork Network => box.Network;

    [Fact]
    public async Task It_serves_every_protocol_with_a_certificate_of_its_own_authority()
    {
        var folder = Directory.CreateTempSubdirectory("caddy-");
        await using var caddy = await StartAsync(folder);
        var authority = Path.Combine(folder.FullName, "caddy", "pki", "authorities", "local", "root.crt");
        await Eventually.IsAsync(() => File.Exists(authority), "Caddy has an authority");
        using var http = new HttpClient(TrustingHandler.Of(authority)) { BaseAddress = caddy.Address };
        await Eventually.IsAsync(() => EdgeProcess.IsReadyAsync(http), "Caddy leads to the gateway");

        using var handler = TrustingHandler.Of(authority);
        using var channel = GrpcChannel.ForAddress(caddy.Address, new GrpcChannelOptions { HttpHandler = handler });
        var answer = await new PayerApi.PayerApiClient(channel)
            .PublishClientEnvelopesAsync(Envelopes.Request(Envelopes.Welcome(), Envelopes.Commit()), cancellationToken: Cancel);
        Assert.Equal(2, answer.OriginatorEnvelopes.Count);

        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, Publish)
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new StringContent(
                    JsonFormatter.Default.Format(Envelopes.Request(Envelopes.Welcome(7))), Encoding.UTF8, "application/json"),
            };
            using var json = await http.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.OK, json.StatusCode);
        }
    }

    // The deployment's own files, with free ports of loopback: it redirects from the port of plaintext too.
    private async Task<EdgeProcess> StartAsync(DirectoryInfo folder)
    {
        const string first = "\tadmin off\n";
        var text = DeploymentFiles.Read($"{ComposeFile.Folder}/Caddyfile");
        Assert.Contains(first, text, StringComparison.Ordinal);
        var config = Path.Combine(folder.FullName, "Caddyfile");
        await File.WriteAllTextAsync(
            config,
            text.Replace(first, $"{first}\thttp_port {RedisServer.FreePort()}\n\tdefault_bind 127.0.0.1\n", StringComparison.Ordinal),
            Cancel);
        File.Copy(DeploymentFiles.PathOf($"{ComposeFile.Folder}/Caddyfile.gateways"), Path.Combine(folder.FullName, "Caddyfile.gateways"));

        var address = new Uri($"https://localhost:{RedisServer.FreePort()}");
        var program = await MachineProgram.FindAsync("caddy", "caddy");
        return await EdgeProcess.StartAsync(
            folder,
            new ProcessStartInfo(program, ["run", "--adapter", "caddyfile", "--config", config])
            {
                Environment =
                {
                    ["GATEWAY_HOST"] = address.Authority,
                    ["CADDY_TLS"] = "internal",
                    ["GATEWAYS"] = Network.Gateway.Authority,
                    ["HEALTH_PORT"] = $"{Network.Web!.Port}",
                    ["XDG_DATA_HOME"] = folder.FullName,
                    ["XDG_CONFIG_HOME"] = folder.FullName,
                },
            },
            address);
    }
}
