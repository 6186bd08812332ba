using System.Collections.Concurrent;
using Grpc.Core;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>
/// The cut-over of docs/journey.md: a gateway beside another one with the same wallet and a key prefix of its own on the same Redis,
/// behind haproxy, which moves the traffic there, back, and there for good.
/// </summary>
public sealed class CutOverTests
{
    private const int Callers = 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Traffic_that_moves_from_one_gateway_to_another_and_back_loses_no_message()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var network = await DevNetwork.StartAsync(new DevNetOptions(), Cancel);
        await using var other = await StartAsync(network, redis, "new:");
        var first = await StartAsync(network, redis, "original:");
        await using var edge = await HaproxySwitch.StartAsync(first.Address, other.Address);
        var (lost, answered) = (new ConcurrentQueue<RpcException>(), new ConcurrentQueue<bool>());
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var callers = Enumerable.Range(0, Callers)
            .Select(caller => PublishAsync(edge.Address, caller, answered, lost, ends.Token)).ToList();

        await using (first)
        {
            foreach (var (original, now) in new[] { (90, 10), (0, 100), (100, 0), (50, 50), (0, 100) })
            {
                await SetAsync(edge, "original", original);
                await SetAsync(edge, "new", now);
                var before = answered.Count;
                await Eventually.IsAsync(
                    () => answered.Count >= before + (10 * Callers), $"publishes are answered at {original} to {now}");
            }

            await Eventually.IsAsync(async () => await edge.RunningAsync("original") == 0, "no call is left at the original");
        }

        var alone = answered.Count;
        await Eventually.IsAsync(() => answered.Count >= alone + (10 * Callers), "publishes are answered by the new one alone");
        await ends.CancelAsync();
        await Task.WhenAll(callers);
        Assert.Empty(lost);
    }

    private static Task<RunningGateway> StartAsync(DevNetwork network, RedisServer redis, string prefix) => RunningGateway.StartAsync(
        new DevNetOptions
        {
            GatewayArguments = [$"--redis.redis-url=redis://127.0.0.1:{redis.Port}", $"--redis.key-prefix={prefix}"],
        },
        network.ChainUrl,
        network.ChainWebSocketUrl,
        DevAccounts.PrivateKeys[1],
        Cancel);

    private static async Task SetAsync(HaproxySwitch edge, string server, int weight) =>
        Assert.Equal("", (await edge.AskAsync($"set server gateways/{server} weight {weight}")).Trim());

    // Every fifth is a commit, which is a transaction of the wallet that both share.
    private static async Task PublishAsync(
        Uri edge, int caller, ConcurrentQueue<bool> answered, ConcurrentQueue<RpcException> lost, CancellationToken ends)
    {
        using var client = new GatewayClient(edge, Speaks.Grpc);
        for (var i = 0; !ends.IsCancellationRequested; i++)
        {
            var seed = (byte)((caller * 60) + (i % 60));
            try
            {
                await client.PublishAsync(i % 5 == 0 ? Envelopes.Commit(seed, 100 + i) : Envelopes.Welcome(seed, 100 + i));
                answered.Enqueue(true);
            }
            catch (RpcException exception)
            {
                lost.Enqueue(exception);
            }
        }
    }
}
