using Grpc.Core;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Redis;

/// <summary>A whole gateway on a Redis whose master changes, by hand, by sentinels, and on a cluster.</summary>
public sealed class RedisFailoverTests
{
    private const string Master = "gateway";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_master_that_becomes_a_replica_with_its_connections_left_open_is_left_for_the_new_one()
    {
        await using var first = await RedisServer.StartAsync();
        await using var second = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{first.Port}");
        await using var proxy = new TcpFaultProxy(first.Port);
        await using var network = await StartAsync($"redis://127.0.0.1:{proxy.Port}");
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Commit(1));

        await second.AskAsync("REPLICAOF", "NO", "ONE");
        proxy.Target = second.Port;
        await first.AskAsync("REPLICAOF", "127.0.0.1", $"{second.Port}");
        await UntilPublishedAsync(client, Envelopes.Commit(2));
        await client.PublishAsync(Envelopes.Commit(3));
    }

    [Fact]
    public async Task Sentinels_fail_over_under_load_and_every_commit_is_mined_once()
    {
        await using var master = await RedisServer.StartAsync();
        await using var replica = await RedisServer.StartAsync("--replicaof", "127.0.0.1", $"{master.Port}");
        await using var sentinels = await RedisSentinels.StartAsync(Master, master.Port);
        await Eventually.IsAsync(
            async () => (await replica.AskAsync("INFO", "replication")).Contains("master_link_status:up", StringComparison.Ordinal),
            "the replica follows");
        await Eventually.IsAsync(
            async () => (await sentinels.AskAsync("SENTINEL", "REPLICAS", Master)).Contains($"{replica.Port}", StringComparison.Ordinal),
            "the sentinels know the replica");
        await using var network = await StartAsync($"{sentinels.Servers},serviceName={Master}");
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Commit(1));

        using var isOver = new CancellationTokenSource();
        var load = Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            var answers = new List<OriginatorEnvelope>();
            for (var i = 0; i < 5 || !isOver.IsCancellationRequested; i++)
                answers.Add(await UntilPublishedAsync(client, Envelopes.Commit((byte)(10 + worker), 100 + i)));
            return answers;
        })).ToList();
        await Eventually.IsAsync(() => sentinels.FailOverAsync(), "a failover begins");
        await Eventually.IsAsync(
            async () => (await sentinels.AskAsync("SENTINEL", "GET-MASTER-ADDR-BY-NAME", Master))
                .Contains($"{replica.Port}", StringComparison.Ordinal),
            "the replica is the master");
        await UntilPublishedAsync(client, Envelopes.Commit(2));
        await isOver.CancelAsync();
        var all = (await Task.WhenAll(load)).SelectMany(answers => answers).ToList();
        Assert.Equal(all.Count, all.Select(answer => answer.BlockchainProof.TransactionHash).Distinct().Count());
        await client.PublishAsync(Envelopes.Commit(3));
    }

    [Fact]
    public async Task A_cluster_of_three_serves_batches_limits_and_repetitions_over_its_slots()
    {
        await using var cluster = await RedisCluster.StartAsync();
        await using var network = await StartAsync(cluster.Servers, "--limits=stock,5000/1h gateway", "--budgets=500/month gateway");
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        var batch = Enumerable.Range(0, 30).Select(i => (i % 3) switch
        {
            0 => Envelopes.Commit((byte)i, 60 + i),
            1 => Envelopes.Welcome((byte)i),
            _ => Envelopes.Identity((byte)i),
        }).ToArray();
        var answers = await client.PublishAsync(batch);
        Assert.Equal(batch.Length, answers.OriginatorEnvelopes.Count);
        Assert.Equal(answers, await client.PublishAsync(batch));
        Assert.True(await cluster.UsedServersAsync() > 1, "nonces and limits lie on different servers");

        await using var other = await DevNetwork.StartAsync(Options(cluster.Servers) with { Chain = network.ChainUrl }, Cancel);
        using var second = new GatewayClient(other.Gateway, Speaks.Grpc);
        var commit = batch[0];
        Assert.Equal(answers.OriginatorEnvelopes[0], (await second.PublishAsync(commit)).OriginatorEnvelopes.Single());
    }

    private static DevNetOptions Options(
        string redis,
        params string[] more) => new()
        {
            Nodes = 1,
            GatewayArguments = ["--redis.redis-url", redis, "--redis.connect-timeout=4m", .. more],
        };

    private static Task<DevNetwork> StartAsync(string redis, params string[] more) => DevNetwork.StartAsync(Options(redis, more), Cancel);

    // As an SDK does.
    private static async Task<OriginatorEnvelope> UntilPublishedAsync(GatewayClient client, ClientEnvelope envelope)
    {
        OriginatorEnvelope? answer = null;
        await Eventually.IsAsync(
            async () =>
            {
                try
                {
                    answer = (await client.PublishAsync(envelope)).OriginatorEnvelopes.Single();
                    return true;
                }
                catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable)
                {
                    return false;
                }
            },
            "it is published");
        return answer!;
    }
}
