using Google.Protobuf;
using Grpc.Core;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>Two replicas of a gateway whose payer has four senders, of which one is killed.</summary>
public sealed class SendersOnRedisTests
{
    private const int Topics = 8;
    private const int Rounds = 12;
    private static readonly byte[] Senders = [61, 62, 63, 64];
    private static readonly (string Name, string Value) Caller = ("x-api-key", "key-of-a");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commits_are_mined_once_and_in_the_order_of_their_topic_although_a_replica_is_killed()
    {
        await using var redis = await RedisServer.StartAsync();
        using var file = new PayersFileOnDisk();
        var hash = PayersFileOnDisk.HashOf(Caller.Value);
        file.With("app-a", 60, $$""" {{file.Senders(Senders)}} "callers": [{ "header": "x-api-key", "sha256": "{{hash}}" }] """);
        string[] shared = [.. file.Flags, "--funds.refresh-interval=1s", "--redis.redis-url", $"redis://127.0.0.1:{redis.Port}"];
        await using var network = await DevNetwork.StartAsync(new DevNetOptions { GatewayArguments = shared }, Cancel);
        foreach (var seed in Senders)
            await network.Chain.SetBalanceAsync(PayersFileOnDisk.SignerOf(seed).Address, Wei.FromEther(100), Cancel);
        var port = RedisServer.FreePort();
        await using var other = GatewayProcess.Start(
        [
            $"--api.port={port}", "--api.http-port=-1", "--api.bind-address=127.0.0.1", "--contracts.environment=anvil",
            $"--contracts.app-chain.rpc-url={network.ChainUrl}", $"--contracts.settlement-chain.rpc-url={network.ChainUrl}", .. shared,
        ]);
        await other.ReadUntilAsync("started api server");
        using var stays = new ProtocolClient(network.Gateway, Form.Grpc);
        using var dies = new ProtocolClient(new Uri($"http://127.0.0.1:{port}"), Form.Grpc);
        var answered = 0;
        var publishing = Enumerable.Range(0, Topics).Select(topic => Task.Run(async () =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                // Both replicas publish each topic in turn, until one of them is gone.
                await PublishAsync((topic + round) % 2 == 0 ? [dies, stays] : [stays], Request(topic, round));
                Interlocked.Increment(ref answered);
            }
        })).ToList();
        await Eventually.IsAsync(() => Volatile.Read(ref answered) >= Topics, "the first are answered");
        await other.SignalAsync("KILL");
        await Task.WhenAll(publishing);

        await AssertOnChainAsync(network);
        Assert.Equal(0ul, await CountAsync(network, 60));
        var counts = await Task.WhenAll(Senders.Select(seed => CountAsync(network, seed)));
        await AreInSightAsync(network);
        Assert.True(counts.Count(count => count > 0) > 1, $"sent by the senders: {string.Join(", ", counts)}");
    }

    private static async Task AreInSightAsync(DevNetwork network)
    {
        using var http = new HttpClient { BaseAddress = network.Metrics! };
        async Task<string> GetAsync(string path) => await http.GetStringAsync(new Uri(path, UriKind.Relative), Cancel);
        var page = await GetAsync("/debug/transactions?payer=app-a");
        foreach (var sender in Senders.Select(seed => PayersFileOnDisk.SignerOf(seed).Address.ToString()))
        {
            Assert.Contains($"\"address\":\"{sender}\"", page, StringComparison.Ordinal);
            await Eventually.IsAsync(
                async () => (await GetAsync("/metrics")).Split('\n').Any(
                    line => line.StartsWith("xmtp_gateway_sender_gas_balance_gwei{", StringComparison.Ordinal)
                        && line.Contains($"sender=\"{sender}\"", StringComparison.Ordinal)),
                "the metrics have its gas");
        }
    }

    private static byte[] Bytes(int topic, int round) => Envelopes.Commit((byte)(10 + topic), 100 + round).ToByteArray();

    private static PublishClientEnvelopesRequest Request(int topic, int round) =>
        new() { Envelopes = { ClientEnvelope.Parser.ParseFrom(Bytes(topic, round)) } };

    // The first that answers, and again until one does.
    private static async Task PublishAsync(ProtocolClient[] replicas, PublishClientEnvelopesRequest request)
    {
        await Eventually.IsAsync(
            async () =>
            {
                foreach (var replica in replicas)
                {
                    if (await TryAsync(replica, request)) return true;
                }

                return false;
            },
            "the request is answered");
    }

    private static async Task<bool> TryAsync(ProtocolClient replica, PublishClientEnvelopesRequest request)
    {
        try
        {
            return (await replica.PublishAsync(request, Caller)).Code == StatusCode.OK;
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or RpcException)
        {
            return false;
        }
    }

    private static async Task AssertOnChainAsync(DevNetwork network)
    {
        var logs = (await network.Chain.Rpc.GetLogsAsync(
            new LogFilter { Addresses = [ChainAddresses.GroupMessageBroadcaster], FromBlock = BlockTag.Earliest }, Cancel)).OrThrow();
        var sent = logs.Select(log => GroupMessageBroadcasterContract.TryReadMessageSent(log, out var message) ? message : null)
            .OfType<MessageSent>()
            .Select(message => Convert.ToHexString(message.Message.Span))
            .ToList();
        for (var topic = 0; topic < Topics; topic++)
        {
            List<string> expected = [.. Enumerable.Range(0, Rounds).Select(round => Convert.ToHexString(Bytes(topic, round)))];
            Assert.Equal(expected, sent.Where(expected.Contains));
        }
    }

    private static async Task<ulong> CountAsync(DevNetwork network, byte seed) =>
        (await network.Chain.Rpc.GetTransactionCountAsync(PayersFileOnDisk.SignerOf(seed).Address, BlockTag.Latest, Cancel)).OrThrow();
}
