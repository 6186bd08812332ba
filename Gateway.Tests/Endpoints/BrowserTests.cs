using System.Net;
using System.Text;

namespace Xmtp.Gateway.Tests.Endpoints;

public class BrowserTests
{
    private const string Sdk =
        "authorization,content-type,grpc-timeout,x-app-version,x-client-version,x-grpc-web,x-libxmtp-version,x-user-agent";
    private const string Connect = "connect-protocol-version,connect-timeout-ms,content-type";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(Sdk)]
    [InlineData(Connect)]
    [InlineData("traceparent,tracestate,baggage,sentry-trace")]
    public async Task A_preflight_allows_the_headers_of_clients(string headers)
    {
        await using var gateway = await TestGateway.StartAsync();

        using var response = await PreflightAsync(gateway, "https://app.example", headers);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("*", Header(response, "access-control-allow-origin"));
        Assert.Contains("POST", Header(response, "access-control-allow-methods"), StringComparison.Ordinal);
        Assert.All(headers.Split(','), header => Assert.Contains(header, Header(response, "access-control-allow-headers").Split(',')));
        Assert.Equal("7200", Header(response, "access-control-max-age"));
        Assert.False(response.Headers.Contains("access-control-allow-credentials"));
    }

    [Fact]
    public async Task Only_the_configured_origins_are_allowed()
    {
        await using var gateway = await TestGateway.StartAsync(api => api.CorsOrigins = ["https://app.example"]);

        using var known = await PreflightAsync(gateway, "https://app.example", Sdk);
        using var other = await PreflightAsync(gateway, "https://evil.example", Sdk);

        Assert.Equal("https://app.example", Header(known, "access-control-allow-origin"));
        Assert.False(other.Headers.Contains("access-control-allow-origin"));
    }

    [Theory]
    [InlineData("https://app.example/", "https://app.example")]
    [InlineData("HTTPS://App.Example", "https://app.example")]
    [InlineData("https://app.example:443", "https://app.example")]
    [InlineData("http://app.example:80/", "http://app.example")]
    [InlineData("https://app.example:8443", "https://app.example:8443")]
    [InlineData("https://bücher.example", "https://xn--bcher-kva.example")]
    [InlineData("https://*.app.example", "https://one.two.app.example")]
    [InlineData("https://*.app.example:8443/", "https://one.app.example:8443")]
    [InlineData("capacitor://localhost", "capacitor://localhost")]
    public async Task An_origin_matches_what_a_browser_sends_for_it(string configured, string sent)
    {
        await using var gateway = await TestGateway.StartAsync(api => api.CorsOrigins = ["https://other.example", configured]);
        using var known = await PreflightAsync(gateway, sent, Sdk);
        Assert.Equal(sent, Header(known, "access-control-allow-origin"));
        using var other = await PreflightAsync(gateway, "https://evil.example", Sdk);
        Assert.False(other.Headers.Contains("access-control-allow-origin"));
        using var nearly = await PreflightAsync(gateway, "https://evilapp.example", Sdk);
        Assert.False(nearly.Headers.Contains("access-control-allow-origin"));
    }

    [Fact]
    public async Task A_credential_of_another_name_can_be_allowed()
    {
        await using var gateway = await TestGateway.StartAsync(api => api.CorsHeaders = ["x-api-key"]);
        using var response = await PreflightAsync(gateway, "https://app.example", "x-api-key");
        Assert.Contains("x-api-key", Header(response, "access-control-allow-headers"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/grpc-web+proto")]
    [InlineData("application/grpc-web-text")]
    [InlineData("application/json")]
    public async Task A_browser_may_read_the_status_and_the_wait(string type)
    {
        await using var gateway = await TestGateway.StartAsync();
        gateway.Nodes.Set();
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gateway.Url, "/xmtp.xmtpv4.payer_api.PayerApi/GetNodes"));
        request.Headers.Add("Origin", "https://app.example");
        request.Content = new ByteArrayContent(type switch
        {
            "application/json" => "{}"u8.ToArray(),
            "application/grpc-web-text" => Encoding.ASCII.GetBytes(Convert.ToBase64String(new byte[5])),
            _ => new byte[5],
        });
        request.Content.Headers.ContentType = new(type);

        using var response = await http.SendAsync(request, Cancel);

        Assert.Equal("*", Header(response, "access-control-allow-origin"));
        var exposed = Header(response, "access-control-expose-headers").Split(',');
        Assert.All(["grpc-status", "grpc-message", "grpc-status-details-bin", "retry-after"], header => Assert.Contains(header, exposed));
        Assert.Equal("5", Header(response, "retry-after"));
        if (type != "application/json") Assert.Equal("14", Header(response, "grpc-status"));
    }

    private static async Task<HttpResponseMessage> PreflightAsync(TestGateway gateway, string origin, string headers)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Options, new Uri(gateway.Url, "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes"));
        request.Headers.Add("Origin", origin);
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", headers);
        return await http.SendAsync(request, Cancel);
    }

    private static string Header(HttpResponseMessage response, string name) => string.Join(',', response.Headers.GetValues(name));
}
