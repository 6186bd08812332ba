using System.Text;
using System.Text.RegularExpressions;

namespace Xmtp.Gateway.AppHost.Tests;

/// <summary>The whole application as it runs on a machine without containers.</summary>
public sealed partial class RunTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

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
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        var model = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Gateway_AppHost>(["--containers", "no"], limit.Token);
        await using var app = await model.BuildAsync(limit.Token);
        await app.StartAsync(limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("gateway", limit.Token);
        await app.ResourceNotifications.WaitForResourceHealthyAsync("watcher", limit.Token);

        using var gateway = new HttpClient { BaseAddress = app.GetEndpoint("gateway", "web") };
        Assert.Contains("originatorSignature", await PublishAsync(gateway, Welcome, limit.Token), StringComparison.Ordinal);
        Assert.Contains("blockchainProof", await PublishAsync(gateway, IdentityUpdate, limit.Token), StringComparison.Ordinal);

        using var watcher = new HttpClient { BaseAddress = app.GetEndpoint("watcher", "metrics") };
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!Counted().IsMatch(await watcher.GetStringAsync(new Uri("/metrics", UriKind.Relative), limit.Token))) await look.WaitForNextTickAsync(limit.Token);
        while (!Deposited().IsMatch(await watcher.GetStringAsync(new Uri("/v1/payer", UriKind.Relative), limit.Token))) await look.WaitForNextTickAsync(limit.Token);
    }

    private static async Task<string> PublishAsync(HttpClient gateway, string envelopes, CancellationToken cancel)
    {
        using var body = new StringContent(envelopes, Encoding.UTF8, "application/json");
        using var answer = await gateway.PostAsync(new Uri("/xmtp.xmtpv4.payer_api.PayerApi/PublishClientEnvelopes", UriKind.Relative), body, cancel);
        var text = await answer.Content.ReadAsStringAsync(cancel);
        Assert.True(answer.IsSuccessStatusCode, text);
        return text;
    }

    // What the local network deposited for the wallet that pays.
    [GeneratedRegex(@"""deposited"":""[1-9]")]
    private static partial Regex Deposited();

    [GeneratedRegex(@"xmtp_chain_events_processed_total\{[^}]*event_type=""[^""]*""[^}]*\} [1-9]")]
    private static partial Regex Counted();
}
