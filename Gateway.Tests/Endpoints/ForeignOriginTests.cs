using System.Net;
using Google.Protobuf;
using Google.Rpc;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Endpoints;

/// <summary>Web pages of origins that are not allowed, where the address alone identifies the caller.</summary>
public class ForeignOriginTests
{
    private const string Foreign = "http://evil.example:5050";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<Form> Forms => [.. Enum.GetValues<Form>()];

    public static TheoryData<string> Unasked => ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", ""];

    [Theory, MemberData(nameof(Forms))]
    public async Task An_origin_that_is_not_named_is_refused_by_its_name_and_nothing_is_published(Form form)
    {
        await using var gateway = await NamingAsync("https://app.example");
        foreach (var origin in new[] { Foreign, "https://evil.example", "null", "https://app.example.evil.example" })
        {
            var answer = await PublishAsync(gateway, form, ("origin", origin));
            Assert.Equal((StatusCode.PermissionDenied, "ORIGIN_NOT_ALLOWED"), (answer.Code, answer.Detail<ErrorInfo>().Reason));
            Assert.Contains($"the origin {origin} ", answer.Message, StringComparison.Ordinal);
        }

        Assert.Empty(gateway.Network.Published);
    }

    [Theory, MemberData(nameof(Forms))]
    public async Task Programs_and_pages_of_a_named_origin_are_served(Form form)
    {
        await using var gateway = await NamingAsync("https://app.example", "https://*.apps.example");
        Assert.Equal(StatusCode.OK, (await PublishAsync(gateway, form)).Code);
        Assert.Equal(StatusCode.OK, (await PublishAsync(gateway, form, ("origin", "https://app.example"))).Code);
        Assert.Equal(StatusCode.OK, (await PublishAsync(gateway, form, ("origin", "https://one.apps.example"))).Code);
    }

    [Fact]
    public async Task It_is_refused_before_the_body_comes()
    {
        await using var gateway = await NamingAsync("https://app.example");
        using var connection = await RawConnection.OpenAsync(gateway);
        await connection.SendHeadersAsync("application/json", 20 * 1024 * 1024, more: $"Origin: {Foreign}\r\n");
        Assert.StartsWith("HTTP/1.1 403 ", await connection.ReadHeadersAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_gateways_own_origin_is_served_over_https_and_has_to_be_named_over_http()
    {
        await using var gateway = await NamingAsync("none");
        var own = gateway.Url.Authority;
        Assert.Equal(StatusCode.OK, (await PublishAsync(gateway, Form.ConnectJson, ("origin", $"https://{own}"))).Code);
        Assert.Equal(StatusCode.PermissionDenied, (await PublishAsync(gateway, Form.ConnectJson, ("origin", $"http://{own}"))).Code);
        await using var naming = await NamingAsync("http://*.app.example", "http://app.example");
        Assert.Equal(
            StatusCode.OK,
            (await PublishAsync(naming, Form.ConnectJson, ("origin", "http://app.example"), ("host", "app.example"))).Code);
    }

    [Fact]
    public async Task Where_any_origin_is_allowed_or_a_token_identifies_the_caller_every_origin_is_served()
    {
        await using var any = await TestGateway.StartAsync();
        Assert.Equal(StatusCode.OK, (await PublishAsync(any, Form.ConnectJson, ("origin", Foreign))).Code);
        await using var byToken = await TestGateway.StartAsync(
            api => api.CorsOrigins = ["https://app.example"],
            services => services.AddSingleton<IIdentityResolver>(
                new DelegateIdentityResolver((_, _) => ValueTask.FromResult(IdentityResult.Known(new ClientIdentity("test", "alice"))))));
        Assert.Equal(StatusCode.OK, (await PublishAsync(byToken, Form.ConnectJson, ("origin", Foreign))).Code);
    }

    [Theory, MemberData(nameof(Unasked))]
    public async Task A_content_type_that_a_browser_sends_without_asking_publishes_nothing(string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Url, RawConnection.Publish));
        request.Headers.Add("Origin", Foreign);
        request.Content = new ByteArrayContent(Envelopes.Request(Envelopes.Welcome()).ToByteArray());
        if (type.Length > 0) request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var response = await http.SendAsync(request, Cancel);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Empty(gateway.Network.Published);
    }

    private static Task<TestGateway> NamingAsync(params string[] origins) => TestGateway.StartAsync(api => api.CorsOrigins = origins);

    private static async Task<Answer> PublishAsync(TestGateway gateway, Form form, params (string Name, string Value)[] headers)
    {
        using var client = new ProtocolClient(gateway.Url, form);
        return await client.PublishAsync(Envelopes.Request(Envelopes.Welcome()), headers);
    }
}
