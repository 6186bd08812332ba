using Grpc.Core;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>kill -9 of a whole gateway, in the middle of publishing; and the same again for its successor.</summary>
public sealed class KilledGatewayTests(DevChainFixture chain, RedisOfOne redis) : IClassFixture<DevChainFixture>, IClassFixture<RedisOfOne>
{
    private const int Payer = 1;
    private const int Commits = 60;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Transactions_of_a_killed_gateway_are_resolved_and_repetitions_are_mined_once()
    {
        var signer = DevAccounts.Signer(Payer);
        for (var life = 0; life < 2; life++) await LiveAndDieAsync();
        await ResendAsync();

        var stream = new NonceStream(31337, signer.Address);
        Assert.True(await redis.Database.KeyExistsAsync($"xmtpd:nonces:{{{stream}}}"));
        var store = new RedisNonceStore(redis.Database, "xmtpd:", stream, TestFlow.Quick.NonceStore, TimeProvider.System);
        await using var successor = await TestFlow.StartAsync(chain.Anvil.HttpUrl, signer, store);
        TestFlow.Read(await successor.PublishAsync(Envelopes.Identity()));
        await Eventually.IsAsync(async () => (await store.ListAsync(Cancel)).Entries.All(entry => !entry.IsInDoubt), "nothing is in doubt");
        Assert.Equal(0, successor.Counted("xmtp_gateway_nonces_foreign_total"));

        var logs = (await chain.Rpc.GetLogsAsync(
            new LogFilter { Addresses = [ChainAddresses.GroupMessageBroadcaster], FromBlock = BlockTag.Earliest }, Cancel)).OrThrow();
        var published = logs.Where(log => log.Is(GroupMessageBroadcasterContract.MessageSentTopic))
            .Select(log => Convert.ToHexString(log.Data.Span))
            .ToList();
        Assert.Equal(Commits, published.Count);
        Assert.Equal(Commits, published.Distinct().Count());
    }

    private DevNetProcess Start() =>
        DevNetProcess.Start("--port-base", "0", "--chain", $"{chain.Anvil.HttpUrl}", $"--redis.redis-url=127.0.0.1:{redis.Server.Port}");

    private static async Task<Uri> ReadyAsync(DevNetProcess process)
    {
        var ready = (await process.ReadUntilAsync(line => line.StartsWith("ready ", StringComparison.Ordinal), Cancel))[^1];
        return new Uri(ready.Split(' ').Single(word => word.StartsWith("gateway=", StringComparison.Ordinal))["gateway=".Length..]);
    }

    /// <summary>
    /// Sends everything again to a new gateway, as SDKs do, until it is answered: a chain that is slow for a moment is
    /// UNAVAILABLE.
    /// </summary>
    private async Task ResendAsync()
    {
        await using var process = Start();
        using var client = new GatewayClient(await ReadyAsync(process), Speaks.Grpc);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Commits).Select(i => PublishAsync(client, Envelopes.Commit((byte)i, 100 + i))));
        }
        catch (RpcException exception)
        {
            Assert.Fail($"{exception.Status}\n{process.Errors}");
        }

        await process.SignalAsync("TERM", Cancel);
    }

    private static async Task PublishAsync(GatewayClient client, ClientEnvelope envelope)
    {
        while (true)
        {
            try
            {
                await client.PublishAsync(envelope);
                return;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.Unavailable && !Cancel.IsCancellationRequested)
            {
            }
        }
    }

    /// <summary>Starts a gateway, publishes much, and kills it when the first few answers are there.</summary>
    private async Task LiveAndDieAsync()
    {
        await using var process = Start();
        using var client = new GatewayClient(await ReadyAsync(process), Speaks.Grpc);
        var answered = 0;
        var publishing = Enumerable.Range(0, Commits).Select(async i =>
        {
            await client.PublishAsync(Envelopes.Commit((byte)i, 100 + i));
            Interlocked.Increment(ref answered);
        }).ToList();
        await Eventually.IsAsync(() => Volatile.Read(ref answered) >= 5, "the first answers");
        await process.SignalAsync("KILL", Cancel);
        foreach (var call in publishing) await Record.ExceptionAsync(() => call);
    }
}
