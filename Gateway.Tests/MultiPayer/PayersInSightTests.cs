using System.Text.Json;
using Grpc.Core;
using Xmtp.Gateway.Tests.TestSupport;

namespace Xmtp.Gateway.Tests.MultiPayer;

/// <summary>What operators see of several payers: each by its name, and the sum.</summary>
public sealed class PayersInSightTests(SeveralPayersFixture box) : IClassFixture<SeveralPayersFixture>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private async Task<string> GetAsync(string path, string accept = "*/*")
    {
        using var http = new HttpClient { BaseAddress = box.Network.Metrics! };
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
        request.Headers.Accept.ParseAdd(accept);
        using var response = await http.SendAsync(request, Cancel);
        return await response.Content.ReadAsStringAsync(Cancel);
    }

    [Fact]
    public async Task Metrics_have_the_payers_name_and_health_names_the_one_without_money()
    {
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(100), box.TokenOfA("a"))).Code);
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Commit(100), SeveralPayersFixture.KeyHeader)).Code);
        var address = PayersFileOnDisk.SignerOf(SeveralPayersFixture.Seeds["app-a"]).Address;
        string[] lines =
        [
            "xmtp_gateway_payer_balance_microdollars{payer=\"app-a\"} 50000000",
            "xmtp_gateway_payer_balance_microdollars{payer=\"app-b\"} 50000000",
            "xmtp_gateway_payer_balance_microdollars{payer=\"dry\"} 0",
            "xmtp_gateway_funds_level{fund=\"payer\",payer=\"dry\"} 3",
            "xmtp_gateway_funds_level{fund=\"payer\",payer=\"app-c\"} 0",
            "xmtp_gateway_nonces_in_flight{payer=\"app-c\"} 0",
            $"xmtp_gateway_payer_info{{address=\"{address}\",payer=\"app-a\"}} 1",
        ];
        // Each payer reads its funds by itself.
        var metrics = "";
        await Eventually.IsAsync(
            async () =>
            {
                metrics = await GetAsync("/metrics");
                return lines.All(line => metrics.Contains(line, StringComparison.Ordinal));
            },
            "the funds of all payers are read");
        Assert.Matches("xmtp_gateway_messages_originated\\{originator_id=\"[12]00\",payer=\"app-a\"\\} 1", metrics);
        Assert.Matches("xmtp_gateway_fees_picodollars_total\\{payer=\"app-a\"\\} [1-9]", metrics);
        await Eventually.IsAsync(
            async () => (await GetAsync("/readyz")).Contains("dry: the payer balance is empty", StringComparison.Ordinal),
            "the health names the payer without money");
    }

    [Fact]
    public async Task Refusals_by_limits_have_the_payers_name()
    {
        for (byte seed = 130; seed < 133; seed++)
            Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(seed), box.TokenOfB("over"))).Code);
        Assert.Equal(StatusCode.ResourceExhausted, (await box.PublishAsync(Envelopes.Welcome(133), box.TokenOfB("over"))).Code);
        var metrics = await GetAsync("/metrics");
        Assert.Matches("xmtp_gateway_limit_refusals\\{limit=\"[^\"]+\",payer=\"app-b\"\\} 1", metrics);
        Assert.Equal(1, metrics.Split("# TYPE xmtp_gateway_limits_store_unavailable ").Length - 1);
    }

    [Fact]
    public async Task Pages_show_all_payers_with_their_sum_and_one_by_its_name()
    {
        Assert.Equal(StatusCode.OK, (await box.PublishAsync(Envelopes.Welcome(110), SeveralPayersFixture.KeyHeader)).Code);
        var overview = default(JsonElement);
        await Eventually.IsAsync(
            async () =>
            {
                overview = JsonElement.Parse(await GetAsync("/debug/overview"));
                return overview.GetProperty("sum").GetProperty("messages").GetString() == "$150.00"
                    && overview.GetProperty("payers")[3].GetProperty("messages").GetProperty("level").GetString() == "empty";
            },
            "the funds of all payers are read");

        var all = overview.GetProperty("payers").EnumerateArray().ToList();
        Assert.Equal(["app-a", "app-b", "app-c", "dry"], all.Select(one => one.GetProperty("name").GetString()));
        Assert.Equal("empty", all[3].GetProperty("messages").GetProperty("level").GetString());
        var address = PayersFileOnDisk.SignerOf(SeveralPayersFixture.Seeds["app-c"]).Address.ToString();
        foreach (var path in new[] { "/debug/overview", "/debug/spending", "/debug/money", "/debug/transactions" })
        {
            Assert.Equal(JsonValueKind.Object, JsonElement.Parse(await GetAsync($"{path}?payer=app-c")).ValueKind);
            Assert.Contains("there is none of this name", await GetAsync($"{path}?payer=app-x"), StringComparison.Ordinal);
        }

        Assert.Equal(address, JsonElement.Parse(await GetAsync("/debug/overview?payer=app-c")).GetProperty("payer").GetString());
        Assert.Contains("href=\"/?payer=app-c\"", await GetAsync("/", "text/html"), StringComparison.Ordinal);
        Assert.Contains("location.search", await GetAsync("/?payer=app-c", "text/html"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_examines_the_funds_of_each_payer_and_fetches_the_keys_of_each_issuer()
    {
        var report = JsonElement.Parse(await GetAsync("/debug/doctor")).GetProperty("checks").EnumerateArray()
            .ToDictionary(check => check.GetProperty("name").GetString()!, check => check.GetProperty("status").GetString());
        Assert.Equal("fault", report["dry payer balance"]);
        Assert.Equal("fault", report["dry gas"]);
        Assert.Equal("ok", report["app-a payer balance"]);
        Assert.Equal("ok", report["app-b gas"]);
        Assert.Equal("ok", report[$"token keys of {SeveralPayersFixture.IssuerA}"]);
        Assert.Equal("ok", report[$"token keys of {SeveralPayersFixture.IssuerB}"]);
    }

    [Fact]
    public async Task No_key_of_a_payer_or_caller_is_on_a_page_or_in_the_log()
    {
        await box.PublishAsync(Envelopes.Welcome(120), SeveralPayersFixture.KeyHeader);
        await box.PublishAsync(Envelopes.Welcome(121), ("x-api-key", SeveralPayersFixture.KeyOfC + "x"));
        string[] pages =
            ["/debug/overview", "/debug/overview?payer=app-c", "/debug/money?payer=app-c", "/debug/doctor", "/metrics", "/readyz"];
        List<string> texts = [.. box.Logs.Lines];
        foreach (var page in pages) texts.Add(await GetAsync(page));

        string[] keys = [SeveralPayersFixture.KeyOfC, .. SeveralPayersFixture.Seeds.Values.Select(PayersFileOnDisk.KeyOf)];
        foreach (var key in keys) Assert.DoesNotContain(texts, text => text.Contains(key, StringComparison.OrdinalIgnoreCase));
        Assert.Contains(texts, text => text.Contains("FundsWatch[dry]", StringComparison.Ordinal));
    }
}
