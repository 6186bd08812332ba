using System.Globalization;
using System.Text.RegularExpressions;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Tests.TestSupport;
using Xmtp.Gateway.Transactions.Nonces;

namespace Xmtp.Gateway.Tests.AppChain;

/// <summary>What a gateway asks of the App Chain while nothing is in flight: each request is paid for.</summary>
public sealed partial class IdleChainTests : ProxiedChain
{
    private const string Count = "eth_getTransactionCount";
    private static readonly TimeSpan Never = TimeSpan.FromHours(1);

    [Fact]
    public async Task At_rest_the_position_is_read_at_the_longer_interval_until_the_next_publish()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var connection = await redis.ConnectAsync();
        var options = TestFlow.Quick with
        {
            RecoveryInterval = TimeSpan.FromMilliseconds(20),
            RestAfter = TimeSpan.FromMilliseconds(200),
            RestInterval = Never,
        };
        var store = new RedisNonceStore(
            connection.GetDatabase(), "test:", new NonceStream(31337, Signer.Address), options.NonceStore, TimeProvider.System);
        await using var gateway = await TestFlow.StartAsync(Proxy.Url, Signer, store, options);
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(1)));
        long asked = -1;
        await Eventually.IsAsync(
            async () =>
            {
                var before = Proxy.Asked[Count];
                await PassAsync(redis, checks: 70);
                asked = Proxy.Asked[Count];
                return asked == before;
            },
            "the position is not read any more");

        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(2)));
        await Eventually.IsAsync(() => Proxy.Asked[Count] > asked, "the position is read again");
    }

    [Fact]
    public async Task At_rest_another_sender_of_the_wallet_is_noticed_at_the_longer_interval()
    {
        await using var gateway = await TestFlow.StartAsync(
            Proxy.Url, Signer, options: TestFlow.Quick with { RestAfter = TimeSpan.Zero, RestInterval = TimeSpan.FromMilliseconds(300) });
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(1)));
        await SendForeignAsync(1, Wei.FromGwei(10));
        await Eventually.IsAsync(() => gateway.Counted("xmtp_gateway_nonces_foreign_total") > 0, "the other sender is noticed");
        TestFlow.Read(await gateway.PublishAsync(Envelopes.Commit(2)));
        Assert.Equal(3UL, await CountAsync());
    }

    // Each check for transactions of lost processes runs scripts in Redis.
    private static async Task PassAsync(RedisServer redis, int checks)
    {
        var until = await RunsAsync(redis) + (checks * 2);
        await Eventually.IsAsync(async () => await RunsAsync(redis) >= until, "the checks go on");
    }

    private static async Task<long> RunsAsync(RedisServer redis) =>
        Runs().Matches(await redis.AskAsync("INFO", "commandstats"))
            .Sum(found => long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture));

    [GeneratedRegex("cmdstat_eval(?:sha)?:calls=([0-9]+)")]
    private static partial Regex Runs();
}
