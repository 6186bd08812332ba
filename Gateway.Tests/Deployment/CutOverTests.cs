using Google.Protobuf;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Envelopes;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Deployment;

/// <summary>
/// The cut-over of docs/journey.md: two gateways with one wallet, each with a key prefix of its own on one Redis, so that neither
/// knows the nonces and results of the other.
/// </summary>
public sealed class CutOverTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Traffic_that_moves_from_one_gateway_to_the_other_and_back_is_answered_and_paid_for_once()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var network = await DevNetwork.StartAsync(Options(redis, "new:"), Cancel);
        var original = await StartOriginalAsync(network, redis);
        await using var edge = await HaproxySwitch.StartAsync(original.Address, network.Gateway);
        await using var traffic = new CutOverTraffic(edge.Address);
        await using (original)
        {
            foreach (var (before, after) in new[] { (90, 10), (0, 100), (100, 0), (50, 50), (0, 100) })
            {
                await edge.MoveAsync(before, after);
                await traffic.GoesOnAsync($"at {before} to {after}");
            }

            await Eventually.IsAsync(async () => await edge.RunningAsync("original") == 0, "no call is left at the original");
        }

        await traffic.GoesOnAsync("by the new one alone");
        await traffic.StopAsync();

        Assert.Empty(traffic.Refusals);
        var stored = await StoredMessagesAsync(network);
        Assert.All(traffic.Messages, message => Assert.Equal(1, stored.Count(message.ToByteString().Equals)));
        var paid = await PaidCallsAsync(network);
        Assert.All(traffic.Commits, commit => Assert.Equal(1, paid.Count(call => call.Span.IndexOf(commit.ToByteArray()) >= 0)));
        Assert.Equal(traffic.Commits.Count, paid.Count);
    }

    [Fact]
    public async Task An_envelope_that_is_sent_again_to_the_other_gateway_is_published_again()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var network = await DevNetwork.StartAsync(Options(redis, "new:"), Cancel);
        await using var original = await StartOriginalAsync(network, redis);
        using var before = new GatewayClient(original.Address, Speaks.Grpc);
        using var after = new GatewayClient(network.Gateway, Speaks.Grpc);
        var envelopes = new[] { Envelopes.Application(), Envelopes.Commit() };
        var first = await before.PublishAsync(envelopes);
        Assert.Equal(first, await before.PublishAsync(envelopes));
        // At the nonce of the first commit it would sign the same transaction, and find it mined.
        await after.PublishAsync(Envelopes.Commit(2));
        var again = await after.PublishAsync(envelopes);

        Assert.All(NumbersOf(first).Zip(NumbersOf(again)), pair => Assert.NotEqual(pair.First, pair.Second));
        Assert.Equal(2, (await StoredMessagesAsync(network)).Count);
        Assert.Equal(3, (await PaidCallsAsync(network)).Count);
    }

    private static Task<RunningGateway> StartOriginalAsync(DevNetwork network, RedisServer redis) => RunningGateway.StartAsync(
        Options(redis, "original:"), network.ChainUrl, network.ChainWebSocketUrl, DevAccounts.PrivateKeys[1], Cancel);

    // A machine that is busy with other tests may let a call wait for long.
    private static DevNetOptions Options(RedisServer redis, string prefix) => new()
    {
        GatewayArguments =
        [
            $"--redis.redis-url=redis://127.0.0.1:{redis.Port}", $"--redis.key-prefix={prefix}", "--app-chain.send-timeout=60s",
        ],
    };

    private static IEnumerable<ulong> NumbersOf(PublishClientEnvelopesResponse answer) => answer.OriginatorEnvelopes.Select(
        envelope => UnsignedOriginatorEnvelope.Parser.ParseFrom(envelope.UnsignedOriginatorEnvelope).OriginatorSequenceId);

    private static async Task<List<ByteString>> StoredMessagesAsync(DevNetwork network)
    {
        await Eventually.IsAsync(() => network.Nodes.All(node => node.Staged == 0), "the nodes have stored what they accepted");
        return [.. network.Nodes.SelectMany(node => node.Store.OfOriginator(node.Id)).Select(stored => ClientEnvelopeOf(stored.Bytes))];
    }

    private static ByteString ClientEnvelopeOf(ReadOnlyMemory<byte> originatorEnvelope)
    {
        Assert.True(OriginatorEnvelopeView.TryRead(originatorEnvelope, out var view));
        return ByteString.CopyFrom(view.ClientEnvelope.Span);
    }

    /// <summary>The data of all transactions of the wallet that publish group messages.</summary>
    private static async Task<List<ReadOnlyMemory<byte>>> PaidCallsAsync(DevNetwork network)
    {
        var (rpc, calls) = (network.Chain.Rpc, new List<ReadOnlyMemory<byte>>());
        var head = (await rpc.GetBlockNumberAsync(Cancel)).OrThrow();
        for (var number = 0UL; number <= head; number++)
        {
            foreach (var mined in (await rpc.GetBlockTransactionsAsync(BlockTag.At(number), Cancel)).OrThrow())
            {
                if (mined.From != network.Payer.Address || mined.To != ChainAddresses.GroupMessageBroadcaster) continue;
                calls.Add((await rpc.GetTransactionAsync(mined.Hash, Cancel)).OrThrow()!.Input!.Value);
            }
        }

        return calls;
    }
}
