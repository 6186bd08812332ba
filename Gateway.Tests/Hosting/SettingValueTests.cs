using Xmtp.Gateway.Hosting;

namespace Xmtp.Gateway.Tests.Hosting;

/// <summary>When two texts are the same value of a setting, as when it is given under two names.</summary>
public class SettingValueTests
{
    [Theory]
    [InlineData("--payer.node-selector-preferred-nodes", "100,200", " 100 , 200,", true)]
    [InlineData("--payer.node-selector-preferred-nodes", "100,200", "200,100", false)]
    [InlineData("--api.cors-origins", "https://a.example,https://b.example", "https://a.example, https://b.example", true)]
    [InlineData("--api.trusted-proxies", "10.0.0.0/8,::1", "10.0.0.0/8,::1/128", true)]
    [InlineData("--api.trusted-proxies", "10.0.0.0/8", "10.0.0.0/9", false)]
    [InlineData("--contracts.app-chain.rpc-url", "http://HOST:80/", "http://host", true)]
    [InlineData("--contracts.app-chain.rpc-url", "http://a:1@host", "http://b:2@host", false)]
    [InlineData("--api.drain-timeout", "60s", "1m", true)]
    public void Lists_are_compared_by_their_items_and_URLs_with_their_credentials(string flag, string one, string other, bool areSame) =>
        Assert.Equal(areSame, GatewaySettings.Table().Find(flag)!.AreSame(one, other));
}
