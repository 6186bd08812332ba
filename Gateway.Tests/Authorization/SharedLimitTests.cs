using System.Diagnostics.Metrics;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Authorization;

public sealed class SharedLimitTests(DevChainFixture chain) : IClassFixture<DevChainFixture>
{
    private static Xmtp.Gateway.Protocol.Wire.PublishClientEnvelopesRequest One(int i) =>
        Envelopes.Request(Envelopes.Welcome((byte)i, 100 + i));

    private Task<RulesGateway> ReplicaAsync(RedisServer redis, string policy = "closed", int amount = 50) => RulesGateway.StartAsync(
        chain,
        null,
        null,
        $"--redis.redis-url=redis://127.0.0.1:{redis.Port}",
        $"--limits={amount}/24h",
        $"--limits.when-store-unavailable={policy}",
        "--limits.store-timeout=10s");

    [Fact]
    public async Task Two_replicas_allow_exactly_the_limit_together()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var one = await ReplicaAsync(redis);
        await using var other = await ReplicaAsync(redis);
        using var toOne = new ProtocolClient(one.Url, Form.Grpc);
        using var toOther = new ProtocolClient(other.Url, Form.ConnectProto);
        var answers = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => (i % 2 == 0 ? toOne : toOther).PublishAsync(One(i))));
        Assert.Equal(50, answers.Count(answer => answer.Code == StatusCode.OK));
        Assert.Equal(70, answers.Count(answer => answer.Code == StatusCode.ResourceExhausted));
        Assert.Equal(50, one.Published + other.Published);
    }

    [Fact]
    public async Task Two_replicas_with_portions_stay_within_what_the_whole_gateway_has()
    {
        await using var redis = await RedisServer.StartAsync();
        Task<RulesGateway> StartAsync() => RulesGateway.StartAsync(
            chain,
            null,
            null,
            $"--redis.redis-url=redis://127.0.0.1:{redis.Port}",
            "--limits=50/24h gateway",
            "--limits.gateway-portion=10",
            "--limits.store-timeout=10s");
        await using var other = await StartAsync();
        await using (var one = await StartAsync())
        {
            for (var i = 0; i < 3; i++) Assert.Equal(StatusCode.OK, (await one.PublishAsync(Form.Grpc, One(i))).Code);
            Assert.Equal(StatusCode.OK, (await other.PublishAsync(Form.Grpc, One(3))).Code);
        }

        // What the replica that was stopped had in hand is there again.
        for (var i = 4; i < 50; i++) Assert.Equal(StatusCode.OK, (await other.PublishAsync(Form.Grpc, One(i))).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await other.PublishAsync(Form.Grpc, One(50))).Code);
    }

    [Theory]
    [InlineData("closed", StatusCode.Unavailable, StatusCode.Unavailable)]
    [InlineData("open", StatusCode.OK, StatusCode.OK)]
    [InlineData("local", StatusCode.OK, StatusCode.ResourceExhausted)]
    public async Task Without_Redis_the_policy_decides_and_a_metric_says_so(string policy, StatusCode first, StatusCode second)
    {
        await using var redis = await RedisServer.StartAsync();
        await using var gateway = await ReplicaAsync(redis, policy, 1);
        using var metrics = new Measured(gateway.Services.GetRequiredService<IMeterFactory>(), "Xmtp.Gateway.Authorization");
        Assert.Equal(StatusCode.OK, (await gateway.PublishAsync(Form.Grpc, One(1))).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await gateway.PublishAsync(Form.Grpc, One(2))).Code);
        await redis.KillAsync();

        foreach (var form in new[] { Form.Grpc, Form.GrpcWeb, Form.ConnectJson })
        {
            var answer = await gateway.PublishAsync(form, One(3 + (int)form));
            Assert.Equal(form == Form.Grpc ? first : second, answer.Code);
            if (answer.Code == StatusCode.Unavailable)
                Assert.Equal(("publishing is paused: limits cannot be checked now", "1"), (answer.Message, answer.RetryAfter));
        }

        Assert.Equal(1, metrics.Last("xmtp_gateway_limits_store_unavailable"));
        Assert.Equal(3, metrics.Sum("xmtp_gateway_limits_without_store", ("policy", policy)));
        Assert.Contains(gateway.Logs.Lines, line => line.Contains($"until it does, publishing is {policy}", StringComparison.Ordinal));

        await redis.RestartAsync();
        var next = 50;
        await Eventually.IsAsync(
            async () =>
            {
                await gateway.PublishAsync(Form.Grpc, One(next++));
                return metrics.Last("xmtp_gateway_limits_store_unavailable") == 0;
            },
            "the store is asked again");
    }
}
