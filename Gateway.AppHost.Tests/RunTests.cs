using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;

namespace Xmtp.Gateway.AppHost.Tests;

/// <summary>The whole application as it runs on a machine.</summary>
public sealed partial class RunTests
{
    private static readonly TimeSpan WaitTimeout = TimeSpan.FromMinutes(5);

    // Without containers, so that it runs everywhere; XMTP_APPHOST_CONTAINERS=yes runs the same with them.
    private static readonly string Containers = Environment.GetEnvironmentVariable("XMTP_APPHOST_CONTAINERS") ?? "no";

    // A welcome message for some installation, as Connect JSON; it goes to a node.
    private const string Welcome = """
        {"envelopes":[{"aad":{"targetTopic":"AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"},"welcomeMessage":{"v1":{
        "installationKey":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=","data":"aGVsbG8="}}}]}
        """;

    // An identity update of inbox 01…20; it becomes a transaction, whose event the watcher sees.
    private const string IdentityUpdate = """
        {"envelopes":[{"aad":{"targetTopic":"AgECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g"},"identityUpdate":{
        "inboxId":"0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20","clientTimestampNs":"1",
        "actions":[{"createInbox":{"initialIdentifier":"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed","nonce":"1"}}]}}]}
        """;

    [Fact]
    public async Task A_publish_through_the_gateway_comes_back_and_the_watcher_counts_it()
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        timeout.CancelAfter(WaitTimeout);
        var model = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Gateway_AppHost>(
            ["--containers", Containers], timeout.Token);
        await using var app = await model.BuildAsync(timeout.Token);
        await app.StartAsync(timeout.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", timeout.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("watcher", timeout.Token);

        using var gateway = new HttpClient { BaseAddress = app.GetEndpoint("gateway", "web") };
        Assert.Contains("originatorSignature", await PublishAsync(gateway, Welcome, timeout.Token), StringComparison.Ordinal);
        Assert.Contains("blockchainProof", await PublishAsync(gateway, IdentityUpdate, timeout.Token), StringComparison.Ordinal);

        using var watcher = new HttpClient { BaseAddress = app.GetEndpoint("watcher", "metrics") };
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!Counted().IsMatch(await watcher.GetStringAsync(new Uri("/metrics", UriKind.Relative), timeout.Token)))
            await look.WaitForNextTickAsync(timeout.Token);
        while (!Deposited().IsMatch(await watcher.GetStringAsync(new Uri("/v1/payer", UriKind.Relative), timeout.Token)))
            await look.WaitForNextTickAsync(timeout.Token);
        while (!NodeIsUp().IsMatch(await watcher.GetStringAsync(new Uri("/metrics", UriKind.Relative), timeout.Token)))
            await look.WaitForNextTickAsync(timeout.Token);

        await CommandsDoWhatTheySayAsync(app, timeout.Token);
        Assert.StartsWith(
            "a node took the message, ", await CommandAsync("gateway", app, "send-message", timeout.Token), StringComparison.Ordinal);
        Assert.Contains("0 faults, ", await CommandAsync("gateway", app, "doctor", timeout.Token), StringComparison.Ordinal);
        await RowsShowAddressesByNameAsync(app, timeout.Token);
    }

    // The chain has the stand-ins here; what real contracts are told is tested with Gateway.Nethereum.
    private static async Task CommandsDoWhatTheySayAsync(DistributedApplication app, CancellationToken cancellationToken)
    {
        const string Nobody = "0x0000000000000000000000000000000000000000";
        Assert.Equal(
            "deposited $25 for 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
            await CommandAsync(
                app, "deposit", cancellationToken, ("payer", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"), ("dollars", "25")));
        Assert.Equal(
            "the contract refused it (ZeroPayer): the payer is the zero address",
            await CommandAsync(app, "deposit", cancellationToken, ("payer", Nobody), ("dollars", "25")));
        Assert.Equal(
            "payer: expected an address, 0x and 40 hexadecimal digits, not 'me'",
            await CommandAsync(app, "deposit", cancellationToken, ("payer", "me"), ("dollars", "25")));
        Assert.Equal(
            "the broadcaster of identity updates is paused",
            await CommandAsync(app, "pause", cancellationToken, ("broadcaster", "identity updates"), ("what", "pause")));
        Assert.Equal(
            "the contract refused it (NoChange): the state is the same already",
            await CommandAsync(app, "pause", cancellationToken, ("broadcaster", "identity updates"), ("what", "pause")));
        Assert.Equal(
            "added 1.5 ether to 0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
            await CommandAsync(
                app, "fund-wallet", cancellationToken, ("account", "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"), ("ether", "1.5")));
        Assert.Equal("mined 2 blocks", await CommandAsync(app, "mine", cancellationToken, ("blocks", "2")));
        Assert.Matches(
            @"^node \d00 at http://127.0.0.1:5063 is part of the network$",
            await CommandAsync(
                app,
                "register-node",
                cancellationToken,
                ("http address", "http://127.0.0.1:5063"),
                ("signing public key", "04" + new string('1', 128))));
    }

    private static async Task RowsShowAddressesByNameAsync(DistributedApplication app, CancellationToken cancellationToken)
    {
        async Task<string[]> ShownAsync(string resource)
        {
            var change = await app.ResourceNotifications.WaitForResourceAsync(
                resource, row => row.Snapshot.Urls.Any(url => !string.IsNullOrEmpty(url.DisplayProperties.DisplayName)), cancellationToken);
            return [.. change.Snapshot.Urls.Where(url => !url.IsInternal)
                .OrderByDescending(url => url.DisplayProperties.SortOrder)
                .Select(url => url.DisplayProperties.DisplayName)];
        }

        using var browser = new HttpClient();
        foreach (var resource in new[] { "gateway", "watcher", "nodes" })
        {
            await ShownAsync(resource);
            app.ResourceNotifications.TryGetCurrentState(resource, out var row);
            foreach (var url in row?.Snapshot.Urls.Where(url => !url.IsInternal && !url.IsInactive) ?? [])
            {
                using var answer = await browser.GetAsync(new Uri(url.Url), cancellationToken);
                Assert.True(answer.IsSuccessStatusCode, $"{url.DisplayProperties.DisplayName}: {url.Url} answers {answer.StatusCode}");
            }
        }

        Assert.Equal(
            ["gRPC, gRPC-Web, Connect", "gRPC-Web and Connect over HTTP/1.1", "Health", "The operator's page", "Metrics"],
            await ShownAsync("gateway"));
        Assert.Equal(
            ["Follows both chains: metrics", "The payer's deposits and charges", "Health", "The nodes and what they lack"],
            await ShownAsync("watcher"));
        Assert.Equal(["JSON-RPC of App Chain and settlement chain"], await ShownAsync("anvil"));
        Assert.Equal(["Keep and replicate messages: each node, and what it lacks"], await ShownAsync("nodes"));
        Assert.Equal(["Shared by gateways and watcher: nonces, limits, results, checkpoints"], await ShownAsync("redis"));
    }

    private static Task<string> CommandAsync(
        DistributedApplication app, string name, CancellationToken cancellationToken, params (string Name, string Value)[] inputs) =>
        CommandAsync("anvil", app, name, cancellationToken, inputs);

    private static async Task<string> CommandAsync(
        string of,
        DistributedApplication app,
        string name,
        CancellationToken cancellationToken,
        params (string Name, string Value)[] inputs)
    {
        var subject = app.Services.GetRequiredService<DistributedApplicationModel>().Resources.Single(resource => resource.Name == of);
        var values = new InteractionInputCollection([.. inputs.Select(
            input => new InteractionInput { Name = input.Name, InputType = InputType.Text, Value = input.Value })]);
        var done = await app.ResourceCommands.ExecuteCommandAsync(subject, name, values, cancellationToken);
        return done.Message ?? string.Empty;
    }

    private static async Task<string> PublishAsync(HttpClient gateway, string envelopes, CancellationToken cancellationToken)
    {
        using var body = new StringContent(envelopes, Encoding.UTF8, "application/json");
        using var answer = await gateway.PostAsync(
            new Uri("/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes", UriKind.Relative), body, cancellationToken);
        var text = await answer.Content.ReadAsStringAsync(cancellationToken);
        Assert.True(answer.IsSuccessStatusCode, text);
        return text;
    }

    // What the local network deposited for the wallet that pays.
    [GeneratedRegex(@"""deposited"":""[1-9]")]
    private static partial Regex Deposited();

    [GeneratedRegex(@"xmtp_chain_events_processed_total\{[^}]*event_type=""[^""]*""[^}]*\} [1-9]")]
    private static partial Regex Counted();

    [GeneratedRegex(@"xmtpd_network_watcher_node_up\{[^}]*publisher_node_id=""100""[^}]*\} 1")]
    private static partial Regex NodeIsUp();
}
