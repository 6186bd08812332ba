using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging.Abstractions;
using Xmtp.Gateway.Hosting.Health;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Hosting;

public class ChainHealthTests
{
    [Theory]
    [InlineData(429, -32007, "50/second request limit reached")]
    [InlineData(403, -32000, "the key is not valid")]
    public async Task A_chain_that_does_not_answer_is_told_with_its_words(int status, int code, string words)
    {
        await using var server = await ScriptedRpcServer.OverHttpAsync(context =>
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(RpcMoods.Error(code, words));
        });
        using var health = new ChainHealth(
            server.HttpUrl, TimeSpan.FromMinutes(1), TimeProvider.System, new AwayEndpoints(), NullLogger<ChainHealth>.Instance);
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
}
