using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Hosting.Telemetry;

namespace Xmtp.Gateway.Tests.Telemetry;

/// <summary>Who is let to the pages of the metrics port.</summary>
public sealed class OperatorAccessTests
{
    private const string Token = "a token of the operator";

    [Theory]
    [InlineData("127.0.0.1", "localhost:8008")]
    [InlineData("127.0.0.1", "127.0.0.1:8008")]
    [InlineData("::1", "[::1]:8008")]
    [InlineData("::ffff:127.0.0.1", "metrics.dev.localhost:8008")]
    public void The_operator_on_this_machine_needs_no_token(string from, string host) =>
        Assert.True(Access(null).Allows(Call(from, host)));

    [Theory]
    [InlineData("203.0.113.7", "localhost:8008")]
    [InlineData("10.0.0.5", "10.0.0.5:8008")]
    [InlineData("::ffff:203.0.113.7", "localhost")]
    public void Another_machine_needs_the_token(string from, string host)
    {
        Assert.False(Access(null).Allows(Call(from, host)));
        Assert.False(Access(Token).Allows(Call(from, host)));
        Assert.False(Access(Token).Allows(Call(from, host, ("Authorization", "Bearer another"))));
        Assert.True(Access(Token).Allows(Call(from, host, ("Authorization", $"Bearer {Token}"))));
        Assert.True(Access(Token).Allows(Call(from, host, ("Authorization", Basic($"me:{Token}")))));
        Assert.False(Access(Token).Allows(Call(from, host, ("Authorization", Basic("me:another")))));
        Assert.False(Access(Token).Allows(Call(from, host, ("Authorization", "Basic not base64!"))));
        Assert.False(Access(null).Allows(Call(from, host, ("Authorization", "Bearer "))));
    }

    [Theory]
    [InlineData("evil.example:8008")]
    [InlineData("localhost.evil.example")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("gateway-1:8008")]
    [InlineData("")]
    public void A_page_that_rebinds_its_name_to_loopback_gets_nothing(string host)
    {
        Assert.False(Access(null).Allows(Call("127.0.0.1", host)));
        Assert.True(Access(Token).Allows(Call("127.0.0.1", host, ("Authorization", $"Bearer {Token}"))));
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("x-forwarded-host")]
    [InlineData("X-Forwarded-Proto")]
    [InlineData("X-Original-For")]
    [InlineData("Forwarded")]
    [InlineData("X-Real-IP")]
    [InlineData("Via")]
    public void What_a_proxy_on_this_machine_passes_on_needs_the_token(string header)
    {
        Assert.False(Access(null).Allows(Call("127.0.0.1", "localhost", (header, "127.0.0.1"))));
        Assert.True(Access(Token).Allows(Call("127.0.0.1", "localhost", (header, "x"), ("Authorization", $"Bearer {Token}"))));
    }

    [Theory]
    [InlineData("cross-site", "cors", false)]
    [InlineData("cross-site", "no-cors", false)]
    [InlineData("same-site", "no-cors", false)]
    [InlineData("cross-site", "navigate", true)]
    [InlineData("same-origin", "cors", true)]
    [InlineData("none", "navigate", true)]
    public void A_page_of_another_origin_cannot_read_it_with_the_operators_browser(string site, string mode, bool isAllowed)
    {
        (string, string)[] headers =
            [("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Authorization", Basic($"me:{Token}"))];
        Assert.Equal(isAllowed, Access(Token).Allows(Call("127.0.0.1", "localhost", headers)));
    }

    private static OperatorAccess Access(string? token) => new(() => token);

    private static string Basic(string text) => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static DefaultHttpContext Call(string from, string host, params (string Name, string Value)[] headers)
    {
        var call = new DefaultHttpContext();
        call.Connection.RemoteIpAddress = IPAddress.Parse(from);
        call.Request.Host = new HostString(host);
        foreach (var (name, value) in headers) call.Request.Headers[name] = value;
        return call;
    }
}
