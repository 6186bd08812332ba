using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Integration;

/// <summary>Two whole gateways with one wallet on one Redis, as replicas behind a balancer are.</summary>
public class TwoGatewaysTests
{
    private const int Commits = 200;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_hundred_commits_that_reach_both_at_once_are_mined_once_each_and_both_give_the_same_answers()
    {
        await using var redis = await RedisServer.StartAsync();
        var options = new DevNetOptions { Nodes = 1, GatewayArguments = ["--redis.redis-url", $"redis://127.0.0.1:{redis.Port}"] };
        await using var one = await DevNetwork.StartAsync(options, Cancel);
        await using var other = await DevNetwork.StartAsync(options with { Chain = one.ChainUrl }, Cancel);
        using var first = new GatewayClient(one.Gateway, Speaks.Grpc);
        using var second = new GatewayClient(other.Gateway, Speaks.Grpc);
        var used = await CountAsync(one);

        var envelopes = Enumerable.Range(0, Commits)
            .Select(i => i % 4 == 0 ? Envelopes.Identity((byte)i) : Envelopes.Commit((byte)i, 50 + i))
            .ToList();
        var answers = await Task.WhenAll(envelopes.Select(async envelope =>
        {
            var both = await Task.WhenAll(first.PublishAsync(envelope), second.PublishAsync(envelope));
            Assert.Equal(both[0], both[1]);
            return both[0].OriginatorEnvelopes.Single();
        }));

        Assert.Equal(Commits, answers.Select(answer => answer.BlockchainProof.TransactionHash).Distinct().Count());
        var numbers = answers.Select(answer => UnsignedOriginatorEnvelope.Parser.ParseFrom(answer.UnsignedOriginatorEnvelope));
        Assert.Equal(Commits, numbers.Select(unsigned => (unsigned.OriginatorNodeId, unsigned.OriginatorSequenceId)).Distinct().Count());
        Assert.Equal(used + Commits, await CountAsync(one));
    }

    private static async Task<ulong> CountAsync(DevNetwork network) =>
        (await network.Chain.Rpc.GetTransactionCountAsync(network.Payer.Address, BlockTag.Latest, Cancel)).OrThrow();
}
