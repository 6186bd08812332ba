using Xmtp.Gateway.Tests.Authorization;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Redis;

/// <summary>The layout versions beside what gateways store, without which a later release would take it for the first layout.</summary>
public sealed class StoredLayoutTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    [Fact]
    public async Task Versions_are_written_again_to_stores_that_were_emptied_or_replaced_while_a_gateway_uses_them()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var results = await RedisServer.StartAsync();
        await using var gateway = await RulesGateway.StartAsync(
            chain,
            null,
            null,
            $"--redis.redis-url=redis://127.0.0.1:{redis.Port}",
            $"--redis.results-url=redis://127.0.0.1:{results.Port}");
        await HasVersionsAsync(redis, "results", "limits", "usage", "funds");
        await HasVersionsAsync(results, "answers");

        await redis.AskAsync("FLUSHALL");
        await results.AskAsync("FLUSHALL");
        await HasVersionsAsync(redis, "results", "limits", "usage", "funds");
        await HasVersionsAsync(results, "answers");

        await redis.KillAsync();
        await redis.RestartAsync();
        await HasVersionsAsync(redis, "results", "limits", "usage", "funds");
    }

    [Fact]
    public async Task Versions_of_a_later_release_stay_as_they_are_while_a_gateway_runs()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await RulesGateway.StartAsync(chain, null, null, $"--redis.redis-url=redis://127.0.0.1:{redis.Port}");
        await redis.AskAsync("HSET", "xmtpd:layout", "results", "2");
        await redis.AskAsync("HDEL", "xmtpd:layout", "limits");
        // The versions are looked at after each check of the store: behind the second of two checks the first has done so.
        for (var i = 0; i < 2; i++)
        {
            await redis.AskAsync("DEL", "xmtpd:write-check");
            await Eventually.IsAsync(async () => await redis.AskAsync("EXISTS", "xmtpd:write-check") == "1", "the store is checked");
        }

        Assert.Equal("2", await redis.AskAsync("HGET", "xmtpd:layout", "results"));
        Assert.Equal("0", await redis.AskAsync("HEXISTS", "xmtpd:layout", "limits"));
    }

    private static Task HasVersionsAsync(RedisServer server, params string[] kinds) => Eventually.IsAsync(
        async () => await server.AskAsync("HMGET", ["xmtpd:layout", .. kinds]) == string.Join(' ', kinds.Select(_ => "1")),
        $"the versions of {string.Join(" and ", kinds)} are there");
}
