using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.Chain.Contracts;
using Xmtp.Gateway.Crypto;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Protocol.Wire;
using Xmtp.Gateway.Tests.ChainWatcher;
using Xmtp.Gateway.Tests.Sdk;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Operator;

/// <summary>The operator's page in a real browser, of two gateways on one Redis with a chain watcher.</summary>
[Collection(nameof(SdkCollection))]
public sealed class OperatorPageTests
{
    private const string User = "x-user";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_accessible_and_right_when_the_gateway_is_fresh_busy_and_in_trouble()
    {
        await MachineProgram.FindOrInstallAsync("chromium", "chromium");
        var (watched, folder) = (RedisServer.FreePort(), Directory.CreateTempSubdirectory("watcher").FullName);
        await using var redis = await RedisServer.StartAsync();
        var options = new DevNetOptions
        {
            Nodes = 3,
            GatewayArguments =
            [
                $"--redis.redis-url=redis://127.0.0.1:{redis.Port}", $"--metrics.watcher-url=http://127.0.0.1:{watched}",
                "--limits=60/1h", "--budgets=0.01/day, 5/day gateway", "--funds.refresh-interval=1s",
            ],
            ConfigureGateway = gateway => gateway.UseIdentity((call, _) => ValueTask.FromResult(
                IdentityResult.Known(new ClientIdentity("user", call.Request.Headers[User].ToString())))),
        };
        var network = await DevNetwork.StartAsync(options, Cancel);
        await using var disposed = network;
        await using var watcher = await WatcherUnderTest.StartAsync(
            network.ChainUrl, network.ChainWebSocketUrl, "--metrics.metrics-port", $"{watched}", "--watcher.state-folder", folder,
            "--watcher.network");
        await using var script = SdkScript.Start(
            Sdk.Sdk.Newest, "browser/operator.mjs", network.Metrics!, Path.Combine(ToolsFolder.Repository!, "artifacts"));

        await script.ExpectAsync("busy");
        await using var other = await RunningGateway.StartAsync(
            options, network.ChainUrl, network.ChainWebSocketUrl, DevAccounts.PrivateKeys[1], Cancel);
        await RememberFundsAsync(redis, network.Payer.Address);
        await BeBusyAsync(network, other);
        await script.ContinueAsync();

        await script.ExpectAsync("trouble");
        await network.Nodes[1].KillAsync();
        await network.Chain.SetBalanceAsync(network.Payer.Address, Wei.Zero, Cancel);
        for (byte i = 0; i < 20; i++) await PublishAsync(network.Gateway, "emil", Envelopes.Welcome(i));
        await script.ContinueAsync();

        await script.ExpectAsync("gone");
        await network.DisposeAsync();
        await script.ContinueAsync();
        var troubles = (await script.ExpectAsync("seen")).GetProperty("troubles").GetRawText();
        Assert.Contains("The gas on the App Chain is empty", troubles, StringComparison.Ordinal);
        await script.ExpectAsync("done");
        Directory.Delete(folder, recursive: true);
    }

    // As Redis has them after a week in which both were spent, and deposited once.
    private static async Task RememberFundsAsync(RedisServer redis, EthereumAddress payer)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 3600;
        for (var hour = 160; hour > 0; hour--)
        {
            var deposited = hour < 70 ? 600 : 0;
            await redis.AskAsync(
                "HSET",
                $"xmtpd:{{funds}}:31337:31337:{payer}",
                $"p|{now - hour}",
                $"{(400 + (3 * hour) + deposited) * 1_000_000L}",
                $"g|{now - hour}",
                $"{10_000 + (hour * hour / 4)}000000000000000000");
        }
    }

    private static async Task BeBusyAsync(DevNetwork network, RunningGateway other)
    {
        string[] users = ["alice", "bob", "carol", "dave", "emil"];
        for (byte i = 0; i < 100; i++)
        {
            var who = users[i % 7 % users.Length];
            await PublishAsync(i % 2 == 0 ? network.Gateway : other.Address, who, i % 10 == 0 ? Envelopes.Commit(i) : Envelopes.Welcome(i));
        }

        for (byte i = 0; i < 60; i++) await PublishAsync(network.Gateway, "mallory", Envelopes.Welcome(i));
        Assert.Equal(HttpStatusCode.TooManyRequests, await PublishAsync(network.Gateway, "mallory", Envelopes.Welcome(200)));
        Assert.Equal(HttpStatusCode.TooManyRequests, await PublishAsync(network.Gateway, "mallory", Envelopes.Welcome(201)));
        await network.Chain.DepositAsync(network.Payer.Address, new Microdollars(25_000_000), Cancel);
        await network.Chain.RequestWithdrawalAsync(network.Payer.Address, new Microdollars(600_000_000), Cancel);
        await network.Chain.AddRatesAsync(
            new Rates(12_000_000, 110, 0, 1000, (ulong)TimeProvider.System.GetUtcNow().AddDays(3).ToUnixTimeSeconds()), Cancel);
    }

    private static async Task<HttpStatusCode> PublishAsync(Uri gateway, string user, ClientEnvelope envelope)
    {
        using var http = new HttpClient();
        using var content = new ByteArrayContent(Envelopes.Request(envelope).ToByteArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/proto");
        content.Headers.Add(User, user);
        using var answer = await http.PostAsync(
            new Uri(gateway, "/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes"), content, Cancel);
        return answer.StatusCode;
    }
}
