using System.Net;
using System.Text.Json;
using Xmtp.Gateway.DevNet;
using Xmtp.Gateway.DevNet.Chain;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.Sdk;

/// <summary>The browser SDK that people ship, in a browser, over gRPC-Web and across origins.</summary>
[Collection(nameof(SdkCollection))]
public sealed class BrowserSdkTests(BrowserSdkTests.NetworkWithPage box) : IClassFixture<BrowserSdkTests.NetworkWithPage>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_users_of_a_browser_register_exchange_messages_and_see_the_cost()
    {
        // A browser under another name is found by the script.
        await MachineProgram.FindOrInstallAsync("chromium", "chromium");
        var picture = Path.Combine(ToolsFolder.Repository!, "artifacts", "demo.png");
        await SdkScript.RunAsync(Sdk.Newest, "browser/page.mjs", box.Network.Page!, picture);
    }

    [Fact]
    public async Task The_page_lists_where_each_envelope_went_and_what_it_cost()
    {
        using var client = new GatewayClient(box.Network.Gateway, Speaks.Grpc);
        await client.PublishAsync(Envelopes.Application(40), Envelopes.Commit(40));
        using var http = new HttpClient { BaseAddress = box.Network.Page };
        List<JsonElement> mine = [];
        await Eventually.IsAsync(
            async () =>
            {
                var all = JsonElement.Parse(await http.GetStringAsync(new Uri("envelopes.json", UriKind.Relative), Cancel));
                mine = [.. all.EnumerateArray()
                    .Where(row => row.GetProperty("identifier").GetString() == Convert.ToHexStringLower(Envelopes.Id(16, 40)))];
                return mine.Count == 2;
            },
            "both are listed");
        var (message, commit) = (mine.Single(
            row => row.GetProperty("kind").GetString() == "message"), mine.Single(row => row.GetProperty("kind").GetString() == "commit"));
        Assert.Matches(@"^node \d00 #\d+$", message.GetProperty("where").GetString());
        Assert.Matches(@"^\$0\.0000\d+$", message.GetProperty("cost").GetString());
        Assert.Matches(@"^App Chain #\d+$", commit.GetProperty("where").GetString());
        Assert.Matches(@"^\$0\.\d*[1-9], \d+,\d+ gas$", commit.GetProperty("cost").GetString());
    }

    [Fact]
    public async Task What_the_page_does_not_have_is_not_found()
    {
        using var http = new HttpClient { BaseAddress = box.Network.Page };
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync(new Uri("workers/../../secret", UriKind.Relative), Cancel)).StatusCode);
        Assert.Contains("<title>", await http.GetStringAsync(new Uri("/", UriKind.Relative), Cancel));
    }

    public sealed class NetworkWithPage : DevNetFixture
    {
        protected override DevNetOptions Options => new() { Ports = DevNetPorts.Free with { Page = 0 } };
    }
}
