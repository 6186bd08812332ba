using Grpc.Core;
using Microsoft.Extensions.Logging;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.Endpoints;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>Two replicas of a gateway with many payers, of which one is killed.</summary>
public sealed class ManyPayersOnRedisTests
{
    private const byte Sends = 81, Sender = 82;
    private const string Lease = "--app-chain.nonce-lease=10s";
    private const string InFlight = "xmtpd:in-flight:31337";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sends", Sends)]
    [InlineData("has-sender", Sender)]
    public async Task What_a_killed_replica_had_in_flight_is_taken_over_where_nobody_used_its_payer(string name, byte account)
    {
        await using var redis = await RedisServer.StartAsync();
        using var file = new PayersFileOnDisk();
        file.With("sends", Sends, ChangingPayersFixture.ByKey("sends"))
            .With("has-sender", 83, ChangingPayersFixture.ByKey("has-sender", file.Senders(Sender)));
        for (byte payer = 1; payer <= 18; payer++) file.With($"p{payer}", payer, ChangingPayersFixture.ByKey($"p{payer}"));
        var logs = new CapturedLogs();
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                GatewayArguments =
                    [.. file.Flags, "--log.log-level=info", Lease, "--redis.redis-url", $"redis://127.0.0.1:{redis.Port}"],
                ConfigureLogging = logging => logging.AddProvider(logs),
            },
            Cancel);
        await network.Chain.SetBalanceAsync(PayersFileOnDisk.SignerOf(account).Address, Wei.FromEther(100), Cancel);
        await using var other = await Replica.StartAsync(network, redis, file, Lease);
        using var dies = new ProtocolClient(other.Url, Form.Grpc);
        using var stays = new ProtocolClient(network.Gateway, Form.Grpc);
        var (commit, caller) = (Envelopes.Request(Envelopes.Commit(1)), ChangingPayersFixture.KeyOf(name));

        await network.Chain.SetAutomineAsync(false, Cancel);
        var publish = PublishAsync(other, dies, commit, caller);
        await Eventually.IsAsync(
            async () => publish.IsCompleted || await NonceAsync(network, account, BlockTag.Pending) == 1, "the transaction is sent");
        if (publish.IsCompleted) Assert.Fail((await publish).ToString());
        Assert.DoesNotContain(logs.Lines, line => IsOpened(line, name));
        Assert.Equal([NameOf(account)], await InFlightAsync(redis));
        await other.Process.SignalAsync("KILL");
        await other.Process.WaitAsync();
        await Record.ExceptionAsync(() => publish);

        await logs.UntilAsync(
            () => logs.Lines.Any(line => line.Contains($"[{name}", StringComparison.Ordinal)
                && line.Contains("took over nonce 0", StringComparison.Ordinal)),
            Cancel);
        await network.Chain.SetAutomineAsync(true, Cancel);
        await network.Chain.MineAsync(1, Cancel);
        await Eventually.IsAsync(
            async () => (await stays.PublishAsync(commit, caller)).Code == StatusCode.OK, "the repetition is answered");
        Assert.Equal(1ul, await NonceAsync(network, account, BlockTag.Latest));
        Assert.DoesNotContain(logs.Lines, line => IsOpened(line, "p1"));
        await AssertForgetsAsync(redis, NameOf(1));
    }

    // An account that had nothing in flight for long, of a payer that nobody uses.
    private static async Task AssertForgetsAsync(RedisServer redis, string account)
    {
        await using var connection = await redis.ConnectAsync();
        await connection.GetDatabase().HashSetAsync(InFlight, account, 1_000_000);
        await Eventually.IsAsync(
            async () => !await connection.GetDatabase().HashExistsAsync(InFlight, account), "the account is no longer looked at");
    }

    private static async Task<IEnumerable<string>> InFlightAsync(RedisServer redis)
    {
        await using var connection = await redis.ConnectAsync();
        return (await connection.GetDatabase().HashKeysAsync(InFlight)).Select(key => key.ToString());
    }

    private static string NameOf(byte seed) => $"0x{Convert.ToHexStringLower(PayersFileOnDisk.SignerOf(seed).Address.Bytes)}";

    // Again while its payer has not started, until the replica is killed.
    private static async Task<Answer> PublishAsync(
        Replica replica, ProtocolClient client, PublishClientEnvelopesRequest request, (string Name, string Value) caller)
    {
        while (true)
        {
            var answer = await client.PublishAsync(request, caller);
            if (answer.Code != StatusCode.Unavailable || replica.Process.HasExited) return answer;
        }
    }

    private static bool IsOpened(string line, string payer) =>
        line.Contains($"NonceManager[{payer}]", StringComparison.Ordinal)
        && line.Contains("opened the nonce store", StringComparison.Ordinal);

    private static async Task<ulong> NonceAsync(DevNetwork network, byte seed, BlockTag at) =>
        (await network.Chain.Rpc.GetTransactionCountAsync(PayersFileOnDisk.SignerOf(seed).Address, at, Cancel)).OrThrow();
}
