using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Google.Protobuf;
using Grpc.Net.Client;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>The nginx of <c>docs/deploy.md</c>, run in front of a gateway: gRPC goes to one of its ports, the rest to the other.</summary>
public sealed class NginxTests(DevNetFixture box) : IClassFixture<DevNetFixture>
{
    private const string Publish = "xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private DevNetwork Network => box.Network;

    [Fact]
    public async Task The_nginx_of_the_document_serves_gRPC_and_Connect_over_one_address()
    {
        var folder = Directory.CreateTempSubdirectory("nginx-");
        try
        {
            var port = RedisServer.FreePort();
            var program = await MachineProgram.FindAsync("nginx", "nginx");
            var config = Path.Combine(folder.FullName, "nginx.conf");
            WriteCertificate(folder.FullName);
            await File.WriteAllTextAsync(config, Config(folder.FullName, port), Token);
            await using var nginx = TestProcess.Start(
                new ProcessStartInfo(
                    program, ["-p", folder.FullName, "-c", config, "-e", Path.Combine(folder.FullName, "error.log"), "-g", "daemon off;"]));
            using var http = new HttpClient(Handler()) { BaseAddress = new Uri($"https://127.0.0.1:{port}") };
            await Eventually.IsAsync(() => EdgeProcess.IsReadyAsync(http), "nginx leads to the gateway");

            using var channel = GrpcChannel.ForAddress(http.BaseAddress, new GrpcChannelOptions { HttpHandler = Handler() });
            var answer = await new PayerApi.PayerApiClient(channel)
                .PublishClientEnvelopesAsync(Envelopes.Request(Envelopes.Welcome(), Envelopes.Commit()), cancellationToken: Token);
            Assert.Equal(2, answer.OriginatorEnvelopes.Count);

            using var json = new StringContent(
                JsonFormatter.Default.Format(Envelopes.Request(Envelopes.Welcome(7))), Encoding.UTF8, "application/json");
            using var connect = await http.PostAsync(new Uri(Publish, UriKind.Relative), json, Token);
            Assert.Equal(HttpStatusCode.OK, connect.StatusCode);

            using var web = new ByteArrayContent([0, .. Length(Envelopes.Request(Envelopes.Welcome(8)).ToByteArray())]);
            web.Headers.ContentType = new("application/grpc-web+proto");
            using var grpcWeb = await http.PostAsync(new Uri(Publish, UriKind.Relative), web, Token);
            Assert.Contains(
                "grpc-status: 0",
                Encoding.Latin1.GetString(await grpcWeb.Content.ReadAsByteArrayAsync(Token)),
                StringComparison.OrdinalIgnoreCase);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static SocketsHttpHandler Handler()
    {
        var handler = new SocketsHttpHandler();
#pragma warning disable CA5359 // The certificate is this test's own.
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        return handler;
    }

    private static byte[] Length(byte[] message) => [.. BitConverter.GetBytes(IPAddress.HostToNetworkOrder(message.Length)), .. message];

    // The document's own text, with this machine's ports and files, and the word for HTTP/2 that older releases know.
    private string Config(string folder, int port)
    {
        var document = DeploymentFiles.Read("docs/deploy.md");
        var text = document.Split("```nginx\n")[1].Split("```")[0];
        foreach (var (from, to) in new[]
        {
            ("listen 443 ssl;", $"listen 127.0.0.1:{port} ssl http2;"),
            ("http2 on;", ""),
            ("127.0.0.1:5050", Network.Gateway.Authority),
            ("127.0.0.1:5055", Network.Web!.Authority),
            ("/etc/ssl/gateway.pem", $"{folder}/gateway.pem"), ("/etc/ssl/gateway.key", $"{folder}/gateway.key"),
        })
        {
            Assert.Contains(from, text, StringComparison.Ordinal);
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        var places = string.Concat(
            new[] { "client_body", "proxy", "fastcgi", "uwsgi", "scgi" }.Select(
                kind => string.Create(CultureInfo.InvariantCulture, $"{kind}_temp_path {folder}/{kind};\n")));
        return $"user root;\npid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{ }}\nhttp {{\naccess_log " +
            $"off;\n{places}{text}\n}}\n";
    }

    private static void WriteCertificate(string folder)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=gateway", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(90));
        File.WriteAllText(Path.Combine(folder, "gateway.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "gateway.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
