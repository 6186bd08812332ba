using System.Text.Json;
using Grpc.Core;
using StackExchange.Redis;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.Hosting;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>Two replicas of a gateway with two payers on one Redis.</summary>
public sealed class PayersOnRedisTests
{
    private static readonly (string Name, string Value) CallerOfA = ("x-api-key", "key-of-a"), CallerOfB = ("x-api-key", "key-of-b");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replicas_share_limits_by_payer_and_no_payer_pays_again_for_what_another_published()
    {
        await using var redis = await RedisServer.StartAsync();
        using var file = new PayersFileOnDisk()
            .With("app-a", 31, """ "limits": "2/1h gateway", "callers": [{ "header": "x-api-key", "sha256": "HASH" }] """
                .Replace("HASH", PayersFileOnDisk.HashOf("key-of-a"), StringComparison.Ordinal))
            .With("app-b", 32, """ "limits": "2/1h gateway", "callers": [{ "header": "x-api-key", "sha256": "HASH" }] """
                .Replace("HASH", PayersFileOnDisk.HashOf("key-of-b"), StringComparison.Ordinal));
        string[] shared = [.. file.Flags, "--redis.redis-url", $"redis://127.0.0.1:{redis.Port}"];
        await using var network = await DevNetwork.StartAsync(new DevNetOptions { GatewayArguments = shared }, Cancel);
        foreach (var seed in new byte[] { 31, 32 })
            await network.Chain.SetBalanceAsync(PayersFileOnDisk.SignerOf(seed).Address, Wei.FromEther(100), Cancel);
        var port = RedisServer.FreePort();
        await using var other = GatewayProcess.Start(
        [
            $"--api.port={port}", "--api.http-port=-1", "--api.bind-address=127.0.0.1", "--contracts.environment=anvil",
            $"--contracts.app-chain.rpc-url={network.ChainUrl}", $"--contracts.settlement-chain.rpc-url={network.ChainUrl}", .. shared,
        ]);
        await other.ReadUntilAsync("started api server");
        using var first = new ProtocolClient(network.Gateway, Form.Grpc);
        using var second = new ProtocolClient(new Uri($"http://127.0.0.1:{port}"), Form.Grpc);
        var commit = Envelopes.Request(Envelopes.Commit(1));

        var published = await first.PublishAsync(commit, CallerOfA);
        Assert.Equal((StatusCode.OK, ""), (published.Code, published.Message));
        var repeated = await second.PublishAsync(commit, CallerOfB);
        Assert.Equal(published.Reply, repeated.Reply);
        Assert.Equal((1ul, 0ul), (await NonceAsync(network, 31), await NonceAsync(network, 32)));

        Assert.Equal(StatusCode.OK, (await second.PublishAsync(Envelopes.Request(Envelopes.Welcome(2)), CallerOfA)).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await first.PublishAsync(Envelopes.Request(Envelopes.Welcome(3)), CallerOfA)).Code);
        Assert.Equal(StatusCode.OK, (await first.PublishAsync(Envelopes.Request(Envelopes.Welcome(3)), CallerOfB)).Code);
        await AssertKeysAsync(redis);
        await Eventually.IsAsync(
            async () => await PayersFilesAsync(network) is [{ Length: 12 } one, { } two] && one == two, "both replicas show one version");
        await other.SignalAsync("TERM");
        Assert.Equal(0, await other.WaitAsync());
    }

    // The nonces of a payer are where a gateway with that one payer has them; claims and results are in a slot of their own.
    private static async Task AssertKeysAsync(RedisServer redis)
    {
        await using var connection = await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{redis.Port}");
        var keys = connection.GetServers().Single().Keys().Select(key => key.ToString()).ToList();
        var address = Convert.ToHexStringLower(PayersFileOnDisk.SignerOf(31).Address.Bytes);
        Assert.Contains($"xmtpd:nonces:{{31337:0x{address}}}", keys);
        Assert.Contains(keys, key => key.StartsWith("xmtpd:published:{31337:payers}:", StringComparison.Ordinal));
        Assert.DoesNotContain(keys, key => key.Contains("key-of", StringComparison.Ordinal));
    }

    private static async Task<IReadOnlyList<string?>> PayersFilesAsync(DevNetwork network)
    {
        using var http = new HttpClient { BaseAddress = network.Metrics! };
        var page = JsonElement.Parse(await http.GetStringAsync(new Uri("/debug/overview?payer=app-a", UriKind.Relative), Cancel));
        return [.. page.GetProperty("replicas").EnumerateArray().Select(replica => replica.GetProperty("payersFile").GetString())];
    }

    private static async Task<ulong> NonceAsync(DevNetwork network, byte seed) =>
        (await network.Chain.Rpc.GetTransactionCountAsync(PayersFileOnDisk.SignerOf(seed).Address, BlockTag.Latest, Cancel)).OrThrow();
}
