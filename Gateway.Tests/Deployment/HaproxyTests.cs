using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Grpc.Net.Client;
using Xmtp.Gateway.Bench.Servers;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>
/// Behind a TLS terminator that passes frames on (haproxy in TCP mode, a load balancer of a cloud), so that requests on a
/// plaintext port have the scheme https, and behind one that speaks HTTP on both sides.
/// </summary>
public sealed class HaproxyTests(DevNetFixture box) : IClassFixture<DevNetFixture>, IDisposable
{
    private readonly LoopbackCertificate _certificate = LoopbackCertificate.Make();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private DevNetwork Network => box.Network;

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_protocol_is_served_behind_it(bool isTcp)
    {
        await using var edge = await HaproxyEdge.StartAsync(Network.Gateway, _certificate, isTcp);
        using var handler = Handler();
        using var channel = GrpcChannel.ForAddress(edge.Address, new GrpcChannelOptions { HttpHandler = handler });
        var answer = await new PayerApi.PayerApiClient(channel)
            .PublishClientEnvelopesAsync(Envelopes.Request(Envelopes.Welcome(), Envelopes.Commit()), cancellationToken: Cancel);
        Assert.Equal(2, answer.OriginatorEnvelopes.Count);

        using var http = new HttpClient(Handler()) { BaseAddress = edge.Address };
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = new StringContent(
                    JsonFormatter.Default.Format(Envelopes.Request(Envelopes.Welcome(7))), Encoding.UTF8, "application/json"),
            };
            using var json = await http.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.OK, json.StatusCode);
            using var ready = await http.GetAsync(new Uri("readyz", UriKind.Relative), Cancel);
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }
    }

    [Fact]
    public async Task A_node_of_the_local_network_is_served_behind_it_too()
    {
        var node = Network.Nodes[0];
        await using var edge = await HaproxyEdge.StartAsync(node.Address, _certificate, isTcp: true);
        using var handler = Handler();
        using var channel = GrpcChannel.ForAddress(edge.Address, new GrpcChannelOptions { HttpHandler = handler });
        var answer = await new PublishApi.PublishApiClient(channel).PublishPayerEnvelopesAsync(
            Payers.Request(Payers.Sign(Envelopes.Welcome(8), node.Id, Network.Payer)), cancellationToken: Cancel);
        Assert.Single(answer.OriginatorEnvelopes);
    }

    [Theory]
    [InlineData("http", Ok)]
    [InlineData("https", Ok)]
    [InlineData("ftp", BadRequest)]
    public async Task Another_scheme_is_refused(string scheme, byte status)
    {
        foreach (var port in new[] { Network.Gateway.Port, Network.Web!.Port })
            Assert.Equal(status, (await HeadersOfAnswerAsync(port, scheme))[0]);
    }

    // Indexes of the static table of HPACK (RFC 7541, appendix A), with the bit of an indexed field.
    private const byte Ok = 0x88;
    private const byte BadRequest = 0x8c;

    // GET /livez over HTTP/2 by hand, since no client sends another scheme than its own.
    private static async Task<byte[]> HeadersOfAnswerAsync(int port, string scheme)
    {
        const byte headers = 1, endStreamAndHeaders = 5;
        byte[] fields = [0x82, 0x06, .. Literal(scheme), 0x04, .. Literal("/livez"), 0x01, .. Literal("localhost")];
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, port, Cancel);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(
            (byte[])[
                .. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(type: 4, flags: 0, streamId: 0, []),
                .. Frame(headers, endStreamAndHeaders, streamId: 1, fields),
            ],
            Cancel);
        var head = new byte[9];
        while (true)
        {
            await stream.ReadExactlyAsync(head, Cancel);
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await stream.ReadExactlyAsync(payload, Cancel);
            if (head[3] == headers) return payload;
        }
    }

    private static byte[] Literal(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Frame(byte type, byte flags, byte streamId, byte[] payload) =>
        [0, 0, (byte)payload.Length, type, flags, 0, 0, 0, streamId, .. payload];

    private SocketsHttpHandler Handler() => TrustingHandler.Of(_certificate.AuthorityFile);
}
