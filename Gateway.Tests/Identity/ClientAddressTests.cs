using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Identity;

public class ClientAddressTests
{
    private const string Proxy = "10.0.0.5";

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64")]
    [InlineData("fe80::1%3", "fe80::/64")]
    [InlineData("::1", "::/64")]
    public async Task A_client_is_named_by_its_address(string peer, string name) => Assert.Equal(name, await ResolveAsync(peer));

    [Theory]
    [InlineData("198.51.100.1")]
    [InlineData("10.0.0.5, 198.51.100.1")]
    public async Task Only_a_trusted_proxy_is_believed(string header) =>
        Assert.Equal("203.0.113.7", await ResolveAsync("203.0.113.7", header));

    [Theory]
    [InlineData("198.51.100.1", "198.51.100.1")]
    [InlineData(" 198.51.100.1\t", "198.51.100.1")]
    [InlineData("1.2.3.4, 198.51.100.1", "198.51.100.1")]
    [InlineData("1.2.3.4,198.51.100.1,10.1.2.3", "198.51.100.1")]
    [InlineData("10.9.9.9, 10.1.2.3", "10.9.9.9")]
    [InlineData("198.51.100.1:1234", "198.51.100.1")]
    [InlineData("[2001:db8::1]:443", "2001:db8::/64")]
    [InlineData("[2001:db8::1]", "2001:db8::/64")]
    [InlineData("2001:db8::1", "2001:db8::/64")]
    [InlineData("::ffff:198.51.100.1", "198.51.100.1")]
    [InlineData("198.51.100.1, ::ffff:10.1.2.3", "198.51.100.1")]
    [InlineData("198.51.100.1, 2001:db8:ffff::9", "198.51.100.1")]
    public async Task A_trusted_proxy_is_believed_from_the_right(string header, string name) =>
        Assert.Equal(name, await ResolveAsync(Proxy, header));

    [Theory]
    [InlineData("", Proxy)]
    [InlineData("unknown", Proxy)]
    [InlineData("198.51.100.1,", Proxy)]
    [InlineData("198.51.100.1, garbage", Proxy)]
    [InlineData("198.51.100.1, 10.1.2.3x, 10.1.2.3", "10.1.2.3")]
    [InlineData(",10.1.2.3", "10.1.2.3")]
    [InlineData("198.51.100.1:70000", Proxy)]
    [InlineData("198.51.100.1:80\0", Proxy)]
    [InlineData("198.51.100.1:", Proxy)]
    [InlineData("[198.51.100.1]", Proxy)]
    [InlineData("[2001:db8::1", Proxy)]
    [InlineData("[2001:db8::1]x", Proxy)]
    [InlineData("3325256704", Proxy)]
    [InlineData("0x7f.1", Proxy)]
    public async Task An_unreadable_hop_ends_the_walk_at_the_last_good_one(string header, string name) =>
        Assert.Equal(name, await ResolveAsync(Proxy, header));

    [Fact]
    public async Task Several_headers_are_one_list()
    {
        Assert.Equal("198.51.100.1", await ResolveAsync(Proxy, "1.1.1.1", "198.51.100.1, 10.1.1.1", "10.2.2.2"));
        Assert.Equal("10.2.2.2", await ResolveAsync(Proxy, "198.51.100.1", ",10.2.2.2"));
    }

    [Fact]
    public async Task A_connection_without_an_address_has_no_identity()
    {
        var result = await Resolver().ResolveAsync(new DefaultHttpContext(), TestContext.Current.CancellationToken);
        Assert.Null(result.Identity);
        Assert.NotEmpty(result.Refusal!);
    }

    [Fact]
    public async Task A_function_can_resolve_the_identity()
    {
        var resolver = new DelegateIdentityResolver(
            (call, _) => ValueTask.FromResult(
                IdentityResult.Known(new ClientIdentity("key", call.Request.Headers["x-api-key"].ToString()))));
        var call = new DefaultHttpContext();
        call.Request.Headers["x-api-key"] = "a";
        Assert.Equal(new ClientIdentity("key", "a"), (await resolver.ResolveAsync(call, TestContext.Current.CancellationToken)).Identity);
    }

    private static ClientAddressIdentityResolver Resolver() =>
        new(
            Options.Create(
                new ClientAddressOptions { TrustedProxies = [IPNetwork.Parse("10.0.0.0/8"), IPNetwork.Parse("2001:db8:ffff::/48")] }));

    private static async Task<string> ResolveAsync(string peer, params string[] headers)
    {
        var call = new DefaultHttpContext();
        call.Connection.RemoteIpAddress = IPAddress.Parse(peer);
        if (headers.Length > 0) call.Request.Headers["X-Forwarded-For"] = headers;
        var identity = (await Resolver().ResolveAsync(call, TestContext.Current.CancellationToken)).Identity!;
        Assert.Equal("address", identity.Kind);
        return identity.Value;
    }
}
