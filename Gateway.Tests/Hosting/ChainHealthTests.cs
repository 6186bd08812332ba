using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.Chain.JsonRpc;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

public class ChainHealthTests
{
    private const string Answer = """{"jsonrpc":"2.0","id":0,"result":"0x1"}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(429, -32007, "50/second request limit reached")]
    [InlineData(403, -32000, "the key is not valid")]
    public async Task A_chain_that_does_not_answer_is_reported_with_its_error(int status, int code, string words)
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(RpcFaultModes.Error(code, words));
        });
        using var health = HealthOf(server.HttpUrl);
        await health.StartAsync(TestContext.Current.CancellationToken);

        await Eventually.IsAsync(
            async () =>
            {
                var found = await health.CheckHealthAsync(new HealthCheckContext(), TestContext.Current.CancellationToken);
                return found is { Status: HealthStatus.Degraded, Description: { } detail }
                    && detail.Contains("has not answered for", StringComparison.Ordinal)
                    && detail.Contains(words, StringComparison.Ordinal);
            },
            "the words are told");
        await health.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_chain_in_use_is_probed_only_at_rest_and_after_a_failed_request()
    {
        await using var proxy = await RpcProxy.StartAsync(new Uri("http://127.0.0.1:1"));
        proxy.Reply = _ => new RpcReply(200, Answer);
        using var others = new HttpRpcTransport(proxy.Url);
        using var health = HealthOf(proxy.Url);
        // Use is counted by address, and another test may have had this port: at rest the fourth check probes at the latest.
        for (var i = 0; i < 4 && Asked(proxy) == 0; i++) await health.CheckAsync(Cancel);
        for (var i = 0; i < 10; i++)
        {
            Assert.True((await others.SendAsync("eth_blockNumber", [], Cancel)).IsOk);
            await health.CheckAsync(Cancel);
        }

        Assert.Equal(1, Asked(proxy));
        for (var i = 0; i < 2; i++) await health.CheckAsync(Cancel);
        Assert.Equal(1, Asked(proxy));
        await health.CheckAsync(Cancel);
        Assert.Equal(2, Asked(proxy));

        proxy.Reply = _ => new RpcReply(503, "{}");
        Assert.False((await others.SendAsync("eth_blockNumber", [], Cancel)).IsOk);
        await health.CheckAsync(Cancel);
        Assert.Equal(3, Asked(proxy));
        Assert.Equal(HealthStatus.Degraded, await StatusAsync(health));

        proxy.Reply = _ => new RpcReply(200, Answer);
        Assert.True((await others.SendAsync("eth_blockNumber", [], Cancel)).IsOk);
        await health.CheckAsync(Cancel);
        Assert.Equal(3, Asked(proxy));
        Assert.Equal(HealthStatus.Healthy, await StatusAsync(health));
    }

    private static ChainHealth HealthOf(Uri url) =>
        new(url, TimeSpan.FromMinutes(1), TimeProvider.System, new UnreachableEndpoints(), NullLogger<ChainHealth>.Instance);

    private static async Task<HealthStatus> StatusAsync(ChainHealth health) =>
        (await health.CheckHealthAsync(new HealthCheckContext(), Cancel)).Status;

    private static int Asked(RpcProxy proxy) => proxy.Asked.GetValueOrDefault("eth_chainId");
}
