using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Xmtp.Gateway.Chain;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.Hosting;
using Xmtp.Gateway.Identity;
using Xmtp.Gateway.Tests.ChainWatcher;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Operator;

/// <summary>What the operator's page shows of a whole gateway.</summary>
public sealed class OverviewTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_shows_funds_spending_refusals_by_reason_budgets_and_nodes_without_identities()
    {
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions
            {
                GatewayArguments = ["--budgets", "0.01/day, 1/month gateway", "--limits", "3/1h"],
                ConfigureGateway = Named,
            },
            Cancel);
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Welcome());
        await client.PublishAsync(Envelopes.Commit());
        await client.PublishAsync(Envelopes.Welcome(2));
        await Assert.ThrowsAsync<Grpc.Core.RpcException>(() => client.PublishAsync(Envelopes.Welcome(3)));

        JsonElement view = default;
        await Eventually.IsAsync(
            async () => (view = await ViewAsync(network)).GetProperty("dry").GetProperty("gas").ValueKind == JsonValueKind.Object
                && view.GetProperty("dry").GetProperty("messages").ValueKind == JsonValueKind.Object,
            "both funds are read");
        Assert.Equal("well", view.GetProperty("state").GetString());
        Assert.Equal(network.Payer.Address.ToString(), view.GetProperty("payer").GetString());
        Assert.Equal(JsonValueKind.String, view.GetProperty("dry").GetProperty("since").ValueKind);
        Assert.Equal("$1,000.00", view.GetProperty("dry").GetProperty("messages").GetProperty("dollars").GetString());
        Assert.Equal(3, view.GetProperty("cost").GetProperty("today").GetProperty("messages").GetInt64());
        Assert.Equal(1, view.GetProperty("cost").GetProperty("today").GetProperty("refused").GetInt64());
        Assert.Equal(JsonValueKind.String, view.GetProperty("cost").GetProperty("since").ValueKind);
        var one = Assert.Single(view.GetProperty("who").GetProperty("identities").EnumerateArray());
        Assert.Equal($"user:{IdentityHash.Of(new ClientIdentity("user", "alice@example.org"))}", one.GetProperty("name").GetString());
        Assert.InRange(one.GetProperty("budget").GetProperty("percent").GetInt32(), 0, 100);
        Assert.Equal("RATE_LIMITED", Assert.Single(one.GetProperty("refused").EnumerateArray()).GetProperty("reason").GetString());
        var nodes = view.GetProperty("well").GetProperty("nodes").EnumerateArray().ToList();
        Assert.Equal([100u, 200u], nodes.Select(node => node.GetProperty("id").GetUInt32()));
        Assert.Equal(2, nodes.Sum(node => node.GetProperty("publishes").GetInt64()));
        Assert.Contains(nodes, node => node.GetProperty("p99").ValueKind == JsonValueKind.Number);
        Assert.Equal(JsonValueKind.Null, view.GetProperty("lately").ValueKind);
        Assert.DoesNotContain("alice", view.GetRawText(), StringComparison.Ordinal);

        var spending = await GetAsync(network.Metrics!, "/debug/spending");
        var day = Assert.Single(spending.GetProperty("days").EnumerateArray());
        Assert.Equal(3, day.GetProperty("used").GetProperty("messages").GetInt64());
        Assert.DoesNotContain("alice", spending.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_examines_a_gateway_that_runs_and_finds_its_own_ports_in_order()
    {
        await using var network = await DevNetwork.StartAsync(new DevNetOptions(), Cancel);
        var report = await GetAsync(network.Metrics!, "/debug/doctor");
        var checks = report.GetProperty("checks").EnumerateArray().ToList();
        Assert.DoesNotContain(checks, check => check.GetProperty("status").GetString() == "fault");
        Assert.Contains(checks, check => check.GetProperty("name").GetString() == "payer balance");
        using var client = new GatewayClient(network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Welcome());
        await client.PublishAsync(Envelopes.Commit());
    }

    [Fact]
    public async Task Redis_that_hangs_delays_the_page_by_little_and_the_page_says_so()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions { GatewayArguments = ["--redis.redis-url", $"redis://127.0.0.1:{redis.Port}"] }, Cancel);
        Assert.True((await ViewAsync(network)).GetProperty("store").GetProperty("answers").GetBoolean());
        await redis.StopAsync();
        JsonElement view = default;
        await Eventually.IsAsync(
            async () => !(view = await ViewAsync(network)).GetProperty("store").GetProperty("answers").GetBoolean(), "the page says so");
        Assert.NotEqual("well", view.GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, view.GetProperty("who").ValueKind);
        Assert.Single(view.GetProperty("replicas").EnumerateArray());
    }

    [Fact]
    public async Task The_lines_of_both_funds_are_those_in_Redis_also_of_before_the_start()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions { GatewayArguments = ["--redis.redis-url", $"redis://127.0.0.1:{redis.Port}"] }, Cancel);
        var hour = (TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 3600) - 5;
        await redis.AskAsync("HSET", $"xmtpd:{{funds}}:31337:31337:{network.Payer.Address}", $"p|{hour}", "2500000");
        JsonElement dry = default;
        await Eventually.IsAsync(
            async () => (dry = (await ViewAsync(network)).GetProperty("dry")).GetProperty("messages") is var fund
                && fund.ValueKind == JsonValueKind.Object
                && fund.GetProperty("line").GetArrayLength() >= 6,
            "the line begins five hours ago");
        Assert.Equal(JsonValueKind.Null, dry.GetProperty("since").ValueKind);
        var line = dry.GetProperty("messages").GetProperty("line").EnumerateArray().ToList();
        Assert.Equal(2.5m, line[0].GetDecimal());
        Assert.Equal(JsonValueKind.Null, line[1].ValueKind);
        Assert.Equal(1000m, line[^1].GetDecimal());
    }

    [Fact]
    public async Task Both_chains_are_shown_with_their_head_and_what_their_provider_refused()
    {
        await using var network = await DevNetwork.StartAsync(new DevNetOptions(), Cancel);
        await using var proxy = await RpcProxy.StartAsync(network.ChainUrl);
        await using var gateway = await RunningGateway.StartAsync(
            new DevNetOptions { GatewayArguments = ["--funds.refresh-interval=1s"] },
            proxy.Url,
            network.ChainWebSocketUrl,
            DevAccounts.PrivateKeys[1],
            Cancel);
        async Task<JsonElement> ChainAsync() =>
            (await GetAsync(gateway.Metrics!, "/debug/overview")).GetProperty("well").GetProperty("chains")[1];
        await Eventually.IsAsync(
            async () => (await ChainAsync()) is var chain && chain.GetProperty("head").ValueKind == JsonValueKind.Number
                && chain.GetProperty("behind").GetInt64() == 0 && chain.GetProperty("made").ValueKind == JsonValueKind.String,
            "the head is shown");
        Assert.Empty((await ChainAsync()).GetProperty("failures").EnumerateArray());

        proxy.Reply = _ => new RpcReply(429, "too many requests");
        await Eventually.IsAsync(
            async () => (await ChainAsync()).GetProperty("failures").EnumerateArray().Any(one =>
                one.GetProperty("kind").GetString() == "rate limited (429)" && one.GetProperty("times").GetInt64() > 0),
            "the refusals are counted by kind");
    }

    [Fact]
    public async Task Lately_shows_what_the_watcher_has_seen_and_says_when_there_is_none()
    {
        var port = RedisServer.FreePort();
        await using var network = await DevNetwork.StartAsync(
            new DevNetOptions { GatewayArguments = ["--metrics.watcher-url", $"http://user:secret@127.0.0.1:{port}"] }, Cancel);
        await Eventually.IsAsync(
            async () => (await LatelyAsync(network)).GetProperty("fault").GetString() == "the chain watcher does not answer", "it says so");
        Assert.DoesNotContain("secret", (await ViewAsync(network)).GetRawText(), StringComparison.Ordinal);

        await using var watcher = await WatcherUnderTest.StartAsync(
            network.ChainUrl, network.ChainWebSocketUrl, "--metrics.metrics-port", $"{port}", "--watcher.state-folder",
            Directory.CreateTempSubdirectory("watcher").FullName);
        await network.Chain.DepositAsync(network.Payer.Address, new Microdollars(25_000_000), Cancel);
        await Eventually.IsAsync(
            async () => (await LatelyAsync(network)).GetProperty("events").EnumerateArray()
                .Any(happened => happened.GetProperty("what").GetString() == "$25.00 deposited"
                    && happened.GetProperty("transaction").GetString()!.StartsWith("0x", StringComparison.Ordinal)),
            "the deposit is shown, with its transaction");
    }

    private static void Named(XmtpGatewayBuilder gateway) =>
        gateway.UseIdentity((HttpContext _, CancellationToken _) =>
            ValueTask.FromResult(IdentityResult.Known(new ClientIdentity("user", "alice@example.org"))));

    private static async Task<JsonElement> LatelyAsync(DevNetwork network) => (await ViewAsync(network)).GetProperty("lately");

    private static Task<JsonElement> ViewAsync(DevNetwork network) => GetAsync(network.Metrics!, "/debug/overview");

    private static async Task<JsonElement> GetAsync(Uri metrics, string path)
    {
        using var http = new HttpClient();
        return JsonElement.Parse(await http.GetStringAsync(new Uri(metrics, path), Cancel));
    }
}
