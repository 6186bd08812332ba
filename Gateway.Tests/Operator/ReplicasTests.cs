using System.Text.Json;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Operator.Replicas;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Operator;

/// <summary>The page of several replicas on one Redis.</summary>
public sealed class ReplicasTests
{
    private const string PublicTestKey = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_names_each_replica_sums_what_they_spend_across_restarts_and_a_killed_one_leaves_within_15_s()
    {
        await using var redis = await RedisServer.StartAsync();
        string[] store = ["--redis.redis-url", $"redis://127.0.0.1:{redis.Port}"];
        var options = new DevNetOptions { GatewayArguments = store };
        await using var network = await DevNetwork.StartAsync(options, Cancel);
        var (port, metrics) = (RedisServer.FreePort(), RedisServer.FreePort());
        string[] flags =
        [
            $"--api.port={port}", "--api.http-port=-1", "--api.bind-address=127.0.0.1", "--metrics.enable",
            $"--metrics.metrics-port={metrics}", $"--payer.private-key={PublicTestKey}", "--contracts.environment=anvil",
            $"--contracts.app-chain.rpc-url={network.ChainUrl}", $"--contracts.settlement-chain.rpc-url={network.ChainUrl}", .. store,
        ];
        await using (var killed = GatewayProcess.Start(flags))
        {
            await killed.ReadUntilAsync("started api server");
            await Eventually.IsAsync(async () => (await ReplicasAsync(network.Metrics!)).Count == 2, "both are there");
            Assert.Contains(await ReplicasAsync(network.Metrics!), name => name.EndsWith($":{port}", StringComparison.Ordinal));
            using (var first = new GatewayClient(network.Gateway, Speaks.Grpc)) await first.PublishAsync(Envelopes.Welcome(1));
            using (var second = new GatewayClient(new Uri($"http://127.0.0.1:{port}"), Speaks.Grpc))
                await second.PublishAsync(Envelopes.Welcome(2));
            await Eventually.IsAsync(async () => await MessagesTodayAsync(network.Metrics!) == 2, "both publishes are counted");
            await killed.SignalAsync("KILL");
            await Eventually.IsAsync(async () => (await ReplicasAsync(network.Metrics!)).Count == 1, "the killed one has left");
            // By Redis' clock, and the page is at most a second old.
            Assert.InRange(ReplicaBoard.Lease + TimeSpan.FromSeconds(1), ReplicaBoard.Every * 2, TimeSpan.FromSeconds(15));
        }

        await using (var again = GatewayProcess.Start(flags))
        {
            await again.ReadUntilAsync("started api server");
            var own = new Uri($"http://127.0.0.1:{metrics}");
            await Eventually.IsAsync(async () => await MessagesTodayAsync(own) == 2, "a new process knows what was spent before it");
            await again.SignalAsync("TERM");
            Assert.Equal(0, await again.WaitAsync());
        }

        Assert.Single(await ReplicasAsync(network.Metrics!));
    }

    private static async Task<List<string>> ReplicasAsync(Uri metrics) =>
        [.. (await ViewAsync(metrics)).GetProperty("replicas").EnumerateArray().Select(one => one.GetProperty("name").GetString()!)];

    private static async Task<long> MessagesTodayAsync(Uri metrics) =>
        (await ViewAsync(metrics)).GetProperty("cost").GetProperty("today").GetProperty("messages").GetInt64();

    private static async Task<JsonElement> ViewAsync(Uri metrics)
    {
        using var http = new HttpClient();
        return JsonElement.Parse(await http.GetStringAsync(new Uri(metrics, "/debug/overview"), Cancel));
    }
}
