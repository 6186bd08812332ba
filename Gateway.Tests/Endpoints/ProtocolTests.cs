using System.Net;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

public class ProtocolTests
{
    public static TheoryData<Form> Forms => [.. Enum.GetValues<Form>()];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_form_publishes_on_one_port_and_answers_in_order(Form form)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var client = new ProtocolClient(gateway.Url, form);
        var request = Envelopes.Request(Envelopes.Welcome(1), Envelopes.Commit(2), Envelopes.KeyPackage(3));

        var answer = await client.PublishAsync(request);

        var reply = Assert.IsType<PublishClientEnvelopesResponse>(answer.Reply);
        Assert.Equal(request.Envelopes.Select(envelope => envelope.ToByteString()), reply.OriginatorEnvelopes.Select(ClientBytes));
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Every_form_reads_the_nodes_of_either_service(Form form)
    {
        await using var gateway = await TestGateway.StartAsync();
        foreach (var service in new[] { "xmtp.xmtpv4.payer_api.PayerApi", "xmtp.xmtpv4.gateway_api.GatewayApi" })
        {
            using var client = new ProtocolClient(gateway.Url, form, service);
            var reply = Assert.IsType<GetNodesResponse>((await client.GetNodesAsync()).Reply);
            Assert.Equal("http://node-100.example:5050", reply.Nodes[100]);
            Assert.Equal("https://node-200.example", reply.Nodes[200]);
        }
    }

    [Theory]
    [InlineData("application/proto", "\u0008", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "[]", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "{}", HttpStatusCode.OK)]
    public async Task Nodes_are_not_returned_for_a_body_that_is_no_request(string type, string body, HttpStatusCode status)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var http = new HttpClient();
        using var content = new ByteArrayContent(Encoding.Latin1.GetBytes(body));
        content.Headers.ContentType = new(type);
        using var response = await http.PostAsync(
            new Uri(gateway.Url, "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes"), content, TestContext.Current.CancellationToken);
        Assert.Equal(status, response.StatusCode);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task No_node_is_an_error_and_not_an_empty_map(Form form)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Nodes.Set();
        using var client = new ProtocolClient(gateway.Url, form);

        var answer = await client.GetNodesAsync();

        Assert.Equal(StatusCode.Unavailable, answer.Code);
        Assert.Equal("5", answer.RetryAfter);
    }

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task A_method_that_is_not_there_is_unimplemented(Form form)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var client = new ProtocolClient(gateway.Url, form);

        var answer = await client.CallAsync("Subscribe", new GetNodesRequest(), GetNodesResponse.Parser, []);

        Assert.Equal(StatusCode.Unimplemented, answer.Code);
    }

    [Fact]
    public async Task The_second_port_serves_the_same()
    {
        await using var gateway = await TestGateway.StartAsync();
        foreach (var form in new[] { Form.Grpc, Form.GrpcWeb, Form.ConnectJson })
        {
            using var client = new ProtocolClient(new Uri($"http://{gateway.Addresses.Http}"), form);
            Assert.Equal(StatusCode.OK, (await client.GetNodesAsync()).Code);
        }
    }

    [Theory]
    [InlineData("application/grpc", "grpc-timeout", "250m", 0.25)]
    [InlineData("application/grpc", "grpc-timeout", "9S", 9)]
    [InlineData("application/grpc", "grpc-timeout", "2000000u", 2)]
    [InlineData("application/grpc", "grpc-timeout", "99999999H", 100)]
    [InlineData("application/grpc", "x-none", "1", 100)]
    [InlineData("application/proto", "connect-timeout-ms", "1500", 1.5)]
    [InlineData("application/proto", "connect-timeout-ms", "9999999999", 100)]
    public async Task The_deadline_is_the_callers_or_a_hundred_seconds(string type, string header, string value, double seconds)
    {
        await using var gateway = await TestGateway.StartAsync(
            services: services => services.AddSingleton<TimeProvider>(new FakeTimeProvider()));
        var seen = TimeSpan.Zero;
        gateway.Network.Before = (deadline, _) => Task.FromResult(seen = deadline.Remaining);

        using var response = await PostAsync(gateway, type, header, value);

        Assert.Equal(TimeSpan.FromSeconds(seconds), seen);
    }

    [Theory]
    [InlineData("1", "3")]
    [InlineData("123456789S", "3")]
    [InlineData("-1S", "3")]
    [InlineData("5x", "3")]
    [InlineData("0n", "4")]
    public async Task A_timeout_that_cannot_be_met_is_reported(string value, string status)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var response = await PostAsync(gateway, "application/grpc", "grpc-timeout", value);
        Assert.Equal(status, Assert.Single(response.Headers.GetValues("grpc-status")));
    }

    [Fact]
    public async Task A_caller_that_leaves_ends_the_publish()
    {
        await using var gateway = await TestGateway.StartAsync();
        var (started, ended) = (new TaskCompletionSource(), new TaskCompletionSource());
        gateway.Network.Before = async (_, cancellationToken) =>
        {
            await using var registration = cancellationToken.Register(ended.SetResult);
            started.SetResult();
            await ended.Task;
        };
        using var channel = ProtocolClient.Channel(gateway.Url);
        using var cancellation = new CancellationTokenSource();

        var call = new PayerApi.PayerApiClient(channel)
            .PublishClientEnvelopesAsync(Envelopes.Request(Envelopes.Welcome()), cancellationToken: cancellation.Token);
        await started.Task.WaitAsync(Cancel);
        await cancellation.CancelAsync();

        await ended.Task.WaitAsync(Cancel);
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
    }

    private static async Task<HttpResponseMessage> PostAsync(TestGateway gateway, string type, string header, string value)
    {
        var message = Envelopes.Request(Envelopes.Welcome()).ToByteArray();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri(gateway.Url, "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes"));
        request.Content = new ByteArrayContent(
            type == "application/grpc" ? [0, 0, 0, (byte)(message.Length >> 8), (byte)message.Length, .. message] : message);
        request.Content.Headers.ContentType = new(type);
        request.Headers.TryAddWithoutValidation(header, value);
        request.Version = HttpVersion.Version20;
        request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
        return await http.SendAsync(request, Cancel);
    }

    private static ByteString ClientBytes(OriginatorEnvelope envelope)
    {
        var unsigned = UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope);
        return PayerEnvelope.Parser.ParseFrom(unsigned.PayerEnvelopeBytes).UnsignedClientEnvelope;
    }
}
