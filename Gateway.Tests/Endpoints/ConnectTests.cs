using System.Net;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

public class ConnectTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_bytes_that_were_sent_are_the_bytes_that_are_published()
    {
        await using var gateway = await TestGateway.StartAsync();
        // Field 15 is unknown to us, and the payload comes before the aad: a second serialization would change both.
        var parts = Envelopes.Welcome();
        byte[] envelope =
        [
            .. new ClientEnvelope { WelcomeMessage = parts.WelcomeMessage }.ToByteArray(),
            .. new ClientEnvelope { Aad = parts.Aad }.ToByteArray(),
            0x78,
            7,
        ];
        byte[] request = [0x0A, (byte)(envelope.Length & 0x7F | 0x80), (byte)(envelope.Length >> 7), .. envelope];

        using var response = await PostAsync(gateway, request, "application/proto", "PublishClientEnvelopes");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(envelope, Assert.Single(gateway.Network.Published));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("\u0001")]
    [InlineData("{\"envelopes\": 7}")]
    [InlineData("{\"envelopes\": [{\"aad\": {\"targetTopic\": \"!!\"}}]}")]
    [InlineData("{\"envelopes\": [{\"groupMessage\": {\"v1\": {\"shouldPush\": 3}}}]}")]
    public async Task Json_that_is_wrong_is_an_invalid_argument(string json)
    {
        await using var gateway = await TestGateway.StartAsync();

        using var response = await PostAsync(gateway, Encoding.UTF8.GetBytes(json), "application/json", "PublishClientEnvelopes");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("\"code\":\"invalid_argument\"", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json", "{}", 200)]
    [InlineData("application/json; charset=utf-8", "{\"unknown\": {\"a\": [1, null]}}", 200)]
    [InlineData("application/proto", "", 200)]
    [InlineData("text/plain", "{}", 415)]
    [InlineData("application/connect+proto", "", 415)]
    [InlineData("application/grpc", "", 426)]
    [InlineData("application/grpc+json", "", 426)]
    [InlineData("application/grpc+xml", "", 415)]
    public async Task The_content_type_decides(string type, string body, int status)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var response = await PostAsync(gateway, Encoding.UTF8.GetBytes(body), type, "GetNodes");
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Fact]
    public async Task A_GET_is_refused_with_a_hint_to_use_POST()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var http = new HttpClient();
        using var response = await http.GetAsync(new Uri(gateway.Url, "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes?connect=v1"), Cancel);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Equal(["POST"], response.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("connect-timeout-ms", "soon", StatusCode.InvalidArgument)]
    [InlineData("connect-timeout-ms", "-1", StatusCode.InvalidArgument)]
    [InlineData("connect-timeout-ms", "0", StatusCode.DeadlineExceeded)]
    [InlineData("connect-protocol-version", "2", StatusCode.InvalidArgument)]
    [InlineData("connect-protocol-version", "1", StatusCode.OK)]
    public async Task Headers_that_cannot_be_met_are_reported(string header, string value, StatusCode code)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var client = new ProtocolClient(gateway.Url, Form.ConnectProto);
        Assert.Equal(code, (await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()), (header, value))).Code);
    }

    private static async Task<HttpResponseMessage> PostAsync(TestGateway gateway, byte[] body, string type, string method)
    {
        using var http = new HttpClient();
        using var content = new ByteArrayContent(body);
        content.Headers.TryAddWithoutValidation("content-type", type);
        return await http.PostAsync(new Uri(gateway.Url, "/xmtp.xmtpv4.payer_api.PayerApi/" + method), content, Cancel);
    }
}
